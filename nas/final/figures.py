"""The reported figures of a selected network, each with the data on which it was measured.

The score of a selected network on the data used for its selection is biased upwards, the more so the more networks it
was selected from. Each figure therefore states whether the network was selected on its data; figures on the test data
are unbiased.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from nas.tasks.metrics import PARTS, SD, measured_in
from nas.trial import Objective, Trial

NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Figure:
    """A metric of a network after its full training.

    Attributes:
        metric: its name.
        value: its value.
        data: where it was measured: `training`, `validation` or `test`; None for properties of the network itself
            (`params`), or if unknown.
        chosen_on: whether the network was selected on these data.
        spread: its standard deviation, if the value is the mean over several trainings.
    """

    metric: str
    value: float
    data: str | None
    chosen_on: bool
    spread: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The figure as plain data."""
        return {name: value for name, value in asdict(self).items() if name != "spread" or value is not None}


def searched_metrics(trial: Trial, objectives: Sequence[Objective]) -> Mapping[str, float]:
    """The metrics of the objectives, as measured by the search."""
    found = {objective.metric: trial.metrics.get(objective.metric) for objective in objectives}
    return {name: value for name, value in found.items() if isinstance(value, int | float)}


def final_metrics(
    trial: Trial, curves: Mapping[str, Sequence[float]], objectives: Sequence[Objective]
) -> Mapping[str, float]:
    """The metrics of a trial's network after its full training: those of its last epoch, its costs, other objectives.

    Objectives that a full training does not measure keep the values of the search: `seconds`, which belong to an
    evaluation, and the metrics of a custom evaluator, such as a latency.
    """
    trained = {name: curve[-1] for name, curve in curves.items()}
    arch = trial.architecture
    return {**searched_metrics(trial, objectives), **trained, **arch.cost._asdict()}


def data_of(metric: str) -> str | None:
    """The data on which a metric is measured, by the prefix of its name."""
    return PARTS.get(metric.partition("_")[0])


def figures(
    metrics: Mapping[str, float],
    test: Mapping[str, float] | None,
    objectives: Sequence[Objective],
    *,
    spread: Mapping[str, float] = NOTHING,
) -> Sequence[Figure]:
    """The figures of a network: test metrics, objectives, and other validation metrics, in this order.

    Args:
        metrics: after the full training.
        test: metrics on the test data; None if there are none.
        objectives: the objectives by which the network was found and selected.
        spread: standard deviations of `metrics` over several trainings, such as `val_acc_sd`.
    """
    test = test or {}
    chosen_on = {data_of(objective.metric) for objective in objectives} - {None}
    tested = dict.fromkeys([*measured_in(test, "test"), *sorted(test)])
    names = dict.fromkeys([*(objective.metric for objective in objectives), *measured_in(metrics)])
    values = {**{name: test[name] for name in tested}, **{name: metrics[name] for name in names if name in metrics}}
    # A standard deviation over trainings is that of the search, possibly over folds of all these data.
    whence = {name: None if name.endswith(SD) else data_of(name) for name in values}
    return [
        Figure(name, value, whence[name], whence[name] in chosen_on, spread.get(f"{name}{SD}"))
        for name, value in values.items()
    ]
