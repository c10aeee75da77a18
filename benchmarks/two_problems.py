"""Two small problems for paired measurements: the digits of scikit-learn, and its table `diabetes` (regression)."""

from collections.abc import Mapping, Sequence

from nas import Dataset, Recipe, load_data
from nas.statistics.estimate import mean_interval

RECIPES: Mapping[str, Recipe] = {
    "digits": Recipe(epochs=20, lr=0.005),
    "diabetes": Recipe(epochs=40, lr=0.005),
}
"""How perceptrons are trained, by problem."""


def problems(split: int) -> Mapping[str, Dataset]:
    """Both, split by a seed."""
    return {
        "digits": load_data("digits", split_seed=split),
        "diabetes": load_data("sklearn", dataset="diabetes", split_seed=split),
    }


def difference(
    runs: Sequence[Mapping[str, Mapping[str, float]]], what: str, metric: str, *, to: str
) -> dict[str, float]:
    """By how much a metric of `what` differs from that of `to`: the mean over splits with a 95 % interval."""
    found = mean_interval([run[what][metric] - run[to][metric] for run in runs])
    return {"mean": found.value, "low": found.low, "high": found.high}
