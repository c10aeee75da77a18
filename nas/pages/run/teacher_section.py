"""How much the layers of the selected network resemble those of its teacher."""

from collections.abc import Mapping
from typing import Any

from nas.formatting import NOTHING, counted
from nas.pages.run.run_summary import RunSummary
from nas.tasks.metrics import PARTS


def teacher_section(run: RunSummary) -> Mapping[str, Any] | None:
    """The similarity of each pair of layers; None: the network has no teacher whose layers are known."""
    found = run.diagnosed
    if found is None or found.resemblance is None:
        return None
    seen = found.resemblance
    text = (
        f"Linear CKA of what the layers put out for {counted(seen.samples, 'sample')} of the {PARTS[found.part]} data:"
        " 1 if they are equal but for rotation and scale, about 0 if they are unrelated."
    )
    rows = [
        (name, [(NOTHING, 0) if cka is None else (f"{cka:.2f}", round(55 * min(max(cka, 0.0), 1.0))) for cka in row])
        for name, row in zip(seen.layers, seen.cka, strict=True)
    ]
    return {"text": text, "columns": seen.teacher, "rows": rows}
