"""What came of a distillation: the student with and without its teacher. Importing this does not load torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.formatting import show_metric
from nas.statistics.estimate import Estimate
from nas.tasks.metrics import metric_of
from nas.trial import Objective

if TYPE_CHECKING:
    from nas.model import Network

TEACHER, ALONE, LONGER, DISTILLED = "teacher", "alone", "alone, twice the epochs", "distilled"
"""The networks that are compared; generations after the first are `distilled 2` and so on."""


@dataclass(frozen=True)
class Compared:
    """One of the networks that are compared, trained with one or several seeds.

    Attributes:
        params: the number of its parameters.
        metrics: on the validation and the test data, of each training, by name, such as `val_acc`.
        seconds: the duration of all trainings; 0: it was trained before.
    """

    params: int
    metrics: Mapping[str, tuple[float, ...]]
    seconds: float

    def mean(self, name: str) -> float:
        """The mean of a metric over the trainings."""
        return sum(self.metrics[name]) / len(self.metrics[name])


@dataclass(frozen=True, eq=False)
class Distilled:
    """What came of a distillation.

    Attributes:
        network: the distilled network of the first training, on the CPU and in evaluation mode.
        objective: what networks are compared by on the validation data, such as `val_acc`.
        rows: the networks that were compared, by what they are: the teacher, the student alone, and distilled.
        gains: of the last distilled student over the others, by these and then by the part of the data: the mean
            difference of the main metric over the seeds, in the direction in which more is better, with a 95 %
            interval of Student's t, which one pair does not have.
        notes: what a reader should know before this is believed, a sentence each.
        folder: where the network was written; None: nowhere.
    """

    network: "Network"
    objective: Objective
    rows: Mapping[str, Compared]
    gains: Mapping[str, Mapping[str, Estimate]]
    notes: tuple[str, ...]
    folder: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "objective": self.objective.metric,
            "rows": {
                name: {
                    "params": row.params,
                    "seconds": row.seconds,
                    "metrics": {metric: list(values) for metric, values in row.metrics.items()},
                }
                for name, row in self.rows.items()
            },
            "gains": {
                name: {part: [one.value, one.low, one.high] for part, one in parts.items()}
                for name, parts in self.gains.items()
            },
            "notes": list(self.notes),
        }

    @property
    def lines(self) -> Sequence[str]:
        """A table of the networks and their main metric, and the gains, at most 80 columns wide."""
        names = [name for name in (self.objective.metric, of_test(self.objective.metric)) if self._has(name)]
        width = 2 + max(map(len, self.rows))
        found = [f"{'':<{width}}  {'parameters':>12}" + "".join(f"  {name:>14}" for name in names)]
        for name, row in self.rows.items():
            cells = "".join(f"  {show_metric(metric, row.mean(metric)):>14}" for metric in names)
            found.append(f"{name:<{width}}  {row.params:>12,}{cells}")
        parts = list(dict.fromkeys(part for gains in self.gains.values() for part in gains))
        if parts:
            unit = points(self.objective.metric)[1]
            found.append(
                f"{f'gain in{unit} over' if unit else 'gain over':<{width}}"
                + "".join(f"  {f'{part} data':>25}" for part in parts)
            )
        for other, gains in self.gains.items():
            cells = "".join(f"  {_told(self.objective.metric, gains[part]):>25}" for part in parts)
            found.append(f"{f'  {other}':<{width}}{cells}")
        if parts and all(one.low == one.high for gains in self.gains.values() for one in gains.values()):
            found.append("One pair of trainings has no interval; `seeds` takes several.")
        return found

    def _has(self, name: str) -> bool:
        return any(name in row.metrics for row in self.rows.values())


def of_test(metric: str) -> str:
    """The name of a validation metric on the test data."""
    return f"test_{metric.removeprefix('val_')}"


def points(metric: str) -> tuple[float, str]:
    """The factor and the unit in which differences of a metric are shown."""
    known = metric_of(metric)
    return (100.0, " points") if known is not None and known.share else (1.0, "")


def _told(metric: str, gain: Estimate) -> str:
    """`+1.22 (-0.30 to +2.74)`, for shares in points."""
    factor, _ = points(metric)
    digits = 2 if factor > 1 else 4
    shown = f"{gain.value * factor:+.{digits}f}"
    return (
        shown
        if gain.low == gain.high
        else f"{shown} ({gain.low * factor:+.{digits}f} to {gain.high * factor:+.{digits}f})"
    )
