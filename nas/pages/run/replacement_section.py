"""What is handed over in place of the selected network, beside that network: its gain and its cost."""

from collections.abc import Mapping
from typing import Any

from nas.formatting import NOTHING, show_count, show_duration, show_metric, show_short
from nas.pages.run.choice import heading_of
from nas.pages.run.run_summary import RunSummary
from nas.tasks.metrics import measured_in

TEXTS: Mapping[str, str] = {
    "joined": "The network that is handed over has the architecture of the selected one. It was trained from scratch "
    "on the training and the validation samples together, with the epochs of the recipe. Nothing was chosen by this "
    "training, and no data are left to validate it on.",
    "seeds": "The network that is handed over is an ensemble of the selected network: its prediction is the mean of "
    "those of all its trainings.",
    "finalists": "The network that is handed over is an ensemble of finalists: its prediction is the mean of those of "
    "their first trainings.",
}
"""What is handed over, by its kind."""


def replacement_section(run: RunSummary) -> Mapping[str, Any] | None:
    """A row for the selected network and for what is handed over in its place; None: it is handed over itself."""
    if run.replacement is None or run.chosen is None:
        return None
    other, chosen = run.replacement, run.chosen
    tested = {} if chosen.tested is None else chosen.tested.single
    before, after = {**other.single, **tested}, {**other.val, **chosen.test}
    known = {**before, **after}
    names = [name for part in ("test", "val") for name in (*measured_in(known, part), f"{part}_loss")]
    metrics = [name for name in names if name in known]
    arch = chosen.architecture
    rows = (
        (heading_of(None), before, arch.params, arch.macs, ""),
        (heading_of(other), after, other.params, other.macs, show_duration(other.seconds)),
    )
    return {
        "text": TEXTS[other.what],
        "metrics": metrics,
        "rows": [
            {
                "title": name,
                "cells": [show_metric(metric, values[metric]) if metric in values else NOTHING for metric in metrics],
                "params": show_count(params),
                "macs": show_short(macs),
                "seconds": seconds,
            }
            for name, values, params, macs, seconds in rows
        ],
    }
