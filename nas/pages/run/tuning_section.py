"""The hyper-parameters that were tried for the full trainings."""

from collections.abc import Mapping
from typing import Any

from nas.formatting import counted, show_metric, show_value
from nas.pages.run.run_summary import RunSummary


def tuning_section(run: RunSummary) -> Mapping[str, Any] | None:
    """A row for each attempt; None: the recipe was not tuned."""
    tuning = run.tuning
    if tuning is None or not tuning.attempts:
        return None
    names = list(tuning.attempts[0].hyperparameters)
    count = counted(len(tuning.attempts), "training")
    return {
        "text": f"{count} of network {tuning.architecture}, the first with the values of the recipe, as far as they "
        "are in the ranges that are searched, the others as TPE proposes. They are judged by "
        f"{tuning.metric} on validation data alone; the finalists are trained with the best hyper-parameters, from "
        "other seeds.",
        "names": names,
        "metric": tuning.metric,
        "rows": [
            {
                "number": place,
                "cells": [show_value(float(f"{attempt.hyperparameters[name]:.3g}")) for name in names],
                "value": "" if attempt.value is None else show_metric(tuning.metric, attempt.value),
                "failure": attempt.failure,
                "best": attempt is tuning.best,
            }
            for place, attempt in enumerate(tuning.attempts, 1)
        ],
    }
