"""What is shown of a network that is handed over: each figure with the data that it was measured on.

A network that was picked because it did well on some data does worse on others, and the more were picked from, the
more so. So a figure also says whether the network was chosen on its data: that of the test data alone is free of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nas.tasks.metrics import PARTS, measured_in
from nas.trial import Objective, Trial


@dataclass(frozen=True)
class Figure:
    """A metric of a network after its full training.

    Attributes:
        metric: its name.
        value: its value.
        data: `training`, `validation` or `test`, what it was measured on; None where that is the network itself
            (`params`), or unknown.
        chosen_on: whether the network was chosen on these data.
    """

    metric: str
    value: float
    data: str | None
    chosen_on: bool

    def to_dict(self) -> dict[str, Any]:
        """The figure as plain data."""
        return asdict(self)


def searched_metrics(trial: Trial, objectives: Sequence[Objective]) -> Mapping[str, float]:
    """The metrics of the objectives as a search measured them."""
    found = {objective.metric: trial.metrics.get(objective.metric) for objective in objectives}
    return {name: value for name, value in found.items() if isinstance(value, int | float)}


def final_metrics(
    trial: Trial, curves: Mapping[str, Sequence[float]], objectives: Sequence[Objective]
) -> Mapping[str, float]:
    """What is known of a trial's network after a full training: its last epoch, its size, and the other objectives.

    A training does not measure `seconds`, which are those of an evaluation, nor the metrics of an evaluator of one's
    own, such as a latency. These keep the value of the search.
    """
    trained = {name: curve[-1] for name, curve in curves.items()}
    arch = trial.architecture
    return {**searched_metrics(trial, objectives), **trained, **arch.cost._asdict()}


def data_of(metric: str) -> str | None:
    """The data that a metric is measured on, by the first word of its name."""
    return PARTS.get(metric.partition("_")[0])


def figures(
    metrics: Mapping[str, float], test: Mapping[str, float] | None, objectives: Sequence[Objective]
) -> Sequence[Figure]:
    """Those of a network: of the test data, if there are any, then the objectives, then its metrics on validation
    data.

    Args:
        metrics: after the full training.
        test: on the test data; None if there are none.
        objectives: what the network was searched for and chosen by.
    """
    test = test or {}
    chosen_on = {data_of(objective.metric) for objective in objectives} - {None}
    tested = dict.fromkeys([*measured_in(test, "test"), *sorted(test)])
    names = dict.fromkeys([*(objective.metric for objective in objectives), *measured_in(metrics)])
    values = {**{name: test[name] for name in tested}, **{name: metrics[name] for name in names if name in metrics}}
    return [Figure(name, value, data_of(name), data_of(name) in chosen_on) for name, value in values.items()]
