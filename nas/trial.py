"""The records that controllers, evaluators and the log exchange."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from nas.arguments import Finite, NotNegative, Positive, checked
from nas.errors import EvaluationFailed, FailureKind, MetricsError, UsageError
from nas.space import Architecture

Metrics = Mapping[str, float | tuple[float, ...]]
"""Numbers, or curves (one number per epoch; their names end in `_curve`), by name. Accuracies are fractions."""

Direction = Literal["maximize", "minimize"]


@checked
@dataclass(frozen=True)
class Proposal:
    """An evaluation that a controller asks for.

    Attributes:
        architecture: the architecture to evaluate.
        epochs: the number of epochs after which the evaluator's full training is truncated; None: it is not.
        parent: number of the trial whose training is continued: a trial of the same architecture with fewer epochs,
            whose seed is used again. None: training starts from scratch.
    """

    architecture: Architecture
    epochs: Positive | None = None
    parent: NotNegative | None = None

    @property
    def fidelity(self) -> float:
        """The number of epochs, for comparisons; infinity for the full training."""
        return math.inf if self.epochs is None else self.epochs


@checked
@dataclass(frozen=True)
class Trial:
    """A finished evaluation, as the controller is told it and the log stores it.

    Attributes:
        number: index from 0, in the order in which trials were proposed.
        proposal: the proposal that was evaluated.
        seed: the seed that the evaluator was given.
        metrics: the metrics that the evaluator reported; empty if the trial failed.
        scores: one number per objective, higher is better (the sign of metrics to be minimised is changed); None if
            the trial failed.
        seconds: duration of the evaluation, without that of the parent.
        error: `KIND: message` of a failed trial (see `nas.errors.FailureKind`), else None.
        asked_after: how many trials the controller had been told when it made the proposal.
        clock: how many seconds the search had taken when the evaluation was finished, over all its sessions. It is no
            part of the result: trials that differ in it alone are equal.
    """

    number: int
    proposal: Proposal
    seed: int
    metrics: Metrics
    scores: tuple[float, ...] | None
    seconds: float
    error: str | None
    asked_after: int
    clock: float = field(default=0.0, compare=False)

    @property
    def score(self) -> float | None:
        """The score on the first objective; None if the trial failed."""
        return self.scores[0] if self.scores else None

    @property
    def architecture(self) -> Architecture:
        """The architecture that was evaluated."""
        return self.proposal.architecture


@checked
@dataclass(frozen=True)
class Objective:
    """A metric that a search optimises.

    Attributes:
        metric: its name. Metrics on the test data (`test_*`) are refused: a search must not see them.
        direction: whether it is maximised or minimised.
        limit: a trial whose metric is worse than this fails with OVER_LIMIT. It serves metrics that the space cannot
            bound, such as a measured latency.

    Raises:
        UsageError: the metric is a test metric or a curve, or the direction is unknown.
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
        """The metric, negated if it is minimised, so that higher is better.

        Raises:
            MetricsError: the evaluator does not report the metric.
            EvaluationFailed: the metric is not finite (NONFINITE) or worse than the limit (OVER_LIMIT).
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
    """The best trials on the first objective, best first, with one trial per network.

    Higher fidelity ranks first: trials with more epochs precede those with fewer, regardless of their scores, because
    scores after different numbers of epochs are not comparable. Ties are broken by the number of the trial.

    Args:
        trials: of one search, such as a study. Failed trials are ignored.
        count: the maximal number of trials.
    """
    found: dict[str, Trial] = {}
    for trial in sorted((t for t in trials if t.scores), key=_rank):
        found.setdefault(trial.architecture.id, trial)
        if len(found) == count:
            break
    return list(found.values())


def _rank(trial: Trial) -> tuple[float, float, int]:
    return -trial.proposal.fidelity, -(trial.score or 0.0), trial.number
