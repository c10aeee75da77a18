"""The repair of the folder of a comparison. Damaged runs are repeated by `--resume`."""

import os
import shlex
from pathlib import Path

from nas.comparison.folder import LAYOUT, RECORD, UNITS, vouched
from nas.folders import Aside, Kind, Rest
from nas.manifest import Manifest


def _is_begun(folder: Path) -> bool:
    return os.path.lexists(folder / UNITS)


def _finish(manifest: Manifest, aside: Aside) -> Rest:
    """Moves runs aside if it is no longer known what they are runs of, and says how to resume the comparison."""
    if RECORD not in manifest:
        for name in [name for name in manifest if name.startswith(f"{UNITS}/")]:
            aside.take(name, f"cannot be used without {RECORD}")
            manifest.forget(name)
    needs = "COMPARISON_FILE"
    return Rest("", f"nas compare {needs} --out {shlex.quote(str(manifest.folder))} --resume", needs)


COMPARISON = Kind("comparison", LAYOUT, _is_begun, vouched, _finish)
"""The folder of a comparison."""
