"""The reported figures of a selected network, each with the data on which it was measured.

The score of a selected network on the data used for its selection is biased upwards, the more so the more networks it
was selected from. Each figure therefore states whether the network was selected on its data; figures on the test data
are unbiased.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import inf, isfinite
from statistics import fmean, stdev
from types import MappingProxyType
from typing import Any, Literal

from nas.final.on_test import OnTest
from nas.tasks.metrics import PARTS, SD, measured_in, metric_of
from nas.trial import Objective, Trial

NOTHING: Mapping[str, Any] = MappingProxyType({})


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
        low, high: the ends of its 95 % confidence interval; None: it is not known.
        over: what the interval is over: `samples`, of one network on other data of this kind, or `trainings`, of their
            mean with other seeds; None: there is no interval.
    """

    metric: str
    value: float
    data: str | None
    chosen_on: bool
    spread: float | None = None
    low: float | None = None
    high: float | None = None
    over: Literal["samples", "trainings"] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The figure as plain data, without what is not known of its spread."""
        known = ("metric", "value", "data", "chosen_on")
        return {name: value for name, value in asdict(self).items() if name in known or value is not None}


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
    tested: OnTest | None,
    objectives: Sequence[Objective],
    *,
    spread: Mapping[str, float] = NOTHING,
    seeds: Mapping[str, tuple[float, ...]] = NOTHING,
) -> Sequence[Figure]:
    """The figures of a network: test metrics, objectives, and other validation metrics, in this order.

    If there were several trainings, the test metrics of the network that is handed over are followed by their means
    over all trainings, which say what to expect of the architecture.

    Args:
        metrics: after the full training.
        tested: what was measured on the test data; None if there are none.
        objectives: the objectives by which the network was found and selected.
        spread: standard deviations of `metrics` over several trainings, such as `val_acc_sd`.
        seeds: the metrics of each of several trainings, by name.
    """
    chosen_on = {data_of(objective.metric) for objective in objectives} - {None}
    found = [] if tested is None else _tested(tested)
    for name in dict.fromkeys([*(objective.metric for objective in objectives), *measured_in(metrics)]):
        if name in metrics:
            # A standard deviation over trainings is that of the search, possibly over folds of all these data.
            whence = None if name.endswith(SD) else data_of(name)
            known = Figure(name, metrics[name], whence, whence in chosen_on, spread.get(f"{name}{SD}"))
            found.append(_over_trainings(known, seeds.get(name, ())))
    return found


def _tested(tested: OnTest) -> list[Figure]:
    names = dict.fromkeys([*measured_in(tested.metrics, "test"), *sorted(tested.metrics)])
    found = []
    for name in names:
        ends = tested.intervals.get(name)
        figure = Figure(name, tested.metrics[name], "test", chosen_on=False)
        found.append(figure if ends is None else replace(figure, low=ends[0], high=ends[1], over="samples"))
    for name in names:
        values = tested.seeds.get(name, ())
        if len(values) > 1:
            figure = Figure(name, fmean(values), "test", chosen_on=False, spread=stdev(values))
            found.append(_over_trainings(figure, values))
    return found


def _over_trainings(figure: Figure, values: Sequence[float]) -> Figure:
    """A mean over trainings with Student's t interval, if there were several, within the range of the metric."""
    if len(values) < 2 or not all(map(isfinite, values)):
        return figure
    from nas.statistics.estimate import mean_interval  # loads scipy

    mean, known = mean_interval(values), metric_of(figure.metric)
    lowest, highest = (-inf, inf) if known is None else (known.lowest, known.highest)
    return replace(figure, low=max(mean.low, lowest), high=min(mean.high, highest), over="trainings")
