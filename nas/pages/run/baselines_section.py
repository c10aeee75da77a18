"""The selected network beside other methods on the same data."""

from collections.abc import Mapping
from typing import Any

from nas.formatting import NOTHING, show_count, show_duration, show_metric
from nas.pages.run.choice import heading_of
from nas.pages.run.run_summary import RunSummary
from nas.tasks.metrics import measured_in


def baselines_section(run: RunSummary) -> Mapping[str, Any] | None:
    """A row for the network and for each baseline, a column for each metric; None: there are no baselines."""
    if run.baselines is None:
        return None
    known = {name for one in run.baselines.listed for name in one.metrics}
    metrics = [*measured_in(known, "test"), *measured_in(known)]
    rows: list[tuple[str, Mapping[str, float], str, str, bool]] = []
    if run.chosen is not None:
        trained = run.chosen.metrics if run.replacement is None else run.replacement.val
        values = {**trained, **run.chosen.test}
        seconds = show_duration(run.chosen.seconds)
        rows.append((heading_of(run.replacement), values, show_count(run.train_size or 0), seconds, True))
    for one in run.baselines.listed:
        samples = show_count(one.samples) + (f" of {show_count(one.of)}" if one.samples < one.of else "")
        rows.append((one.title, one.metrics, samples, show_duration(one.seconds) if one.seconds >= 0.01 else "", False))
    return {
        "metrics": metrics,
        "rows": [
            {
                "title": title,
                "cells": [show_metric(name, values[name]) if name in values else NOTHING for name in metrics],
                "samples": samples,
                "seconds": seconds,
                "chosen": chosen,
            }
            for title, values, samples, seconds, chosen in rows
        ],
        "failure": run.baselines.failure,
    }
