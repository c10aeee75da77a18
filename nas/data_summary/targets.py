"""The targets of a data set: how many samples each class has, and what a constant prediction reaches."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.baselines import measure_trivial
from nas.data import Dataset
from nas.data_summary.records import OutputFacts, Targets
from nas.tasks.metrics import METRICS


def summarize_targets(data: Dataset) -> Targets:
    """What there is to know of the targets."""
    counts = {part: _counts(data, samples.targets) for part, samples in data.parts.items()}
    outputs = []
    for place, name in enumerate(data.outputs):
        of_parts = {part: int(found[place]) for part, found in counts.items() if found is not None}
        values = {} if of_parts else _values(data.train.targets[:, place])
        outputs.append(OutputFacts(name, of_parts, values))
    train = counts["train"]
    metrics = [name for name in data.task.always if METRICS[name].compute is not None]
    trivial = measure_trivial(data, metrics)
    return Targets(
        tuple(outputs),
        None if train is None else float(train.max() / max(1, train.min())),
        trivial.title,
        trivial.metrics,
    )


def _counts(data: Dataset, targets: NDArray[Any]) -> NDArray[np.intp] | None:
    """How many samples each output has; None if targets are values."""
    if data.task.diagnosed == "values":
        return None
    counts = np.bincount(targets, minlength=len(data.outputs)) if targets.ndim == 1 else targets.sum(axis=0)
    return counts.astype(np.intp)


def _values(values: NDArray[Any]) -> Mapping[str, float]:
    numbers = values.astype(np.float64)
    return {
        "min": float(numbers.min()),
        "median": float(np.median(numbers)),
        "mean": float(numbers.mean()),
        "max": float(numbers.max()),
        "std": float(numbers.std()),
    }
