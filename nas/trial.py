"""The records that pass between controllers, evaluators and the log."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nas.arguments import Finite, NotNegative, Positive, checked
from nas.errors import EvaluationFailed, FailureKind, MetricsError, UsageError
from nas.space import Architecture

Metrics = Mapping[str, float | tuple[float, ...]]
"""Names to numbers, or to curves (one number an epoch; their names end in `_curve`). Accuracies are fractions."""

Direction = Literal["maximize", "minimize"]


@checked
@dataclass(frozen=True)
class Proposal:
    """What a controller asks for.

    Attributes:
        architecture: what to evaluate.
        epochs: after how many epochs the evaluator's full training is cut off; None: it runs to its end.
        parent: number of the trial whose training goes on: one of the same architecture, for fewer epochs, whose seed
            this one gets; None: from scratch.
    """

    architecture: Architecture
    epochs: Positive | None = None
    parent: NotNegative | None = None

    @property
    def fidelity(self) -> float:
        """For how many epochs, to be compared with others: infinity for the full training."""
        return math.inf if self.epochs is None else self.epochs


@checked
@dataclass(frozen=True)
class Trial:
    """One evaluation, as it is told to the controller and kept in the log.

    Attributes:
        number: counts from 0, in the order in which trials were asked for.
        proposal: what was evaluated.
        seed: what the evaluator's randomness came from.
        metrics: what the evaluator measured; empty if it failed.
        scores: one number an objective, higher is better (a metric to be minimised has its sign changed); None if the
            trial failed.
        seconds: duration of the evaluation; that of a trial with a parent begins where the parent's ended.
        error: `KIND: message` of a failed trial (see `nas.errors.FailureKind`), else None.
        asked_after: how many trials the controller had been told when it was asked.
    """

    number: int
    proposal: Proposal
    seed: int
    metrics: Metrics
    scores: tuple[float, ...] | None
    seconds: float
    error: str | None
    asked_after: int

    @property
    def score(self) -> float | None:
        """The score on the first objective; None if the trial failed."""
        return self.scores[0] if self.scores else None

    @property
    def architecture(self) -> Architecture:
        """What was evaluated."""
        return self.proposal.architecture


@checked
@dataclass(frozen=True)
class Objective:
    """A metric to search by.

    Attributes:
        metric: its name. Metrics of the test data (`test_...`) are refused: a search must not see them.
        direction: which way is better.
        limit: a trial whose metric is worse than this fails with OVER_LIMIT (for what cannot be bounded in the space,
            such as a measured latency).

    Raises:
        UsageError: a test metric, a curve, or an unknown direction.
    """

    metric: str
    direction: Direction = "maximize"
    limit: Finite | None = None

    def __post_init__(self) -> None:
        if self.metric.startswith("test_"):
            raise UsageError(f"objective {self.metric!r}: a search must not see test data; use a val_ metric")
        if self.metric.endswith("_curve"):
            raise UsageError(f"objective {self.metric!r}: a curve is not a score")

    def score(self, metrics: Metrics) -> float:
        """The metric with the sign that makes higher better.

        Raises:
            MetricsError: the evaluator does not report the metric.
            EvaluationFailed: it is not finite (NONFINITE) or worse than the limit (OVER_LIMIT).
        """
        value = metrics.get(self.metric)
        if not isinstance(value, int | float):
            known = ", ".join(name for name, value in metrics.items() if isinstance(value, int | float))
            raise MetricsError(f"the evaluator does not report {self.metric!r}; it reports {known or 'nothing'}")
        if not math.isfinite(value):
            raise EvaluationFailed(FailureKind.NONFINITE, f"{self.metric} is {value}")
        sign = 1 if self.direction == "maximize" else -1
        if self.limit is not None and sign * value < sign * self.limit:
            raise EvaluationFailed(FailureKind.OVER_LIMIT, f"{self.metric} is {value:g}, the limit is {self.limit:g}")
        return sign * value

    def value(self, score: float) -> float:
        """The value of the metric for a score."""
        return score if self.direction == "maximize" else -score


ACCURACY = Objective("val_acc")
"""The objective of classification, and of searches whose evaluator does not state one."""


@checked
def best_trials(trials: Iterable[Trial], count: NotNegative = 1) -> Sequence[Trial]:
    """The `count` best trials on the first objective, best first; of each network its best trial, of ties the first.

    Scores are compared among trials of as many epochs alone: what was trained for longer goes before what was trained
    for less, whatever the scores. So the first is the best of those that were trained for longest.
    """
    found: dict[str, Trial] = {}
    for trial in sorted((t for t in trials if t.scores), key=_rank):
        found.setdefault(trial.architecture.id, trial)
        if len(found) == count:
            break
    return list(found.values())


def _rank(trial: Trial) -> tuple[float, float, int]:
    return -trial.proposal.fidelity, -(trial.score or 0.0), trial.number
