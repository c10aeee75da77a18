"""What every executor is: it takes jobs, and gives back those that are finished.

An executor only evaluates. What is asked for, what is known already, scores, the log and the budget are the driver's
(`nas.driver.loop`), so that they are the same whatever evaluates.
"""

import math
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from nas.containment import survivable
from nas.driver.executors.resources import Resources
from nas.errors import EvaluationFailed, FailureKind, MetricsError
from nas.evaluate.evaluator import Evaluator, known_to
from nas.events import OnEvent
from nas.reported import read_metrics
from nas.trial import Metrics, Proposal


@dataclass(frozen=True)
class Job:
    """What is to be evaluated.

    Attributes:
        number: of the trial.
        proposal: what the controller asked for.
        seed: the evaluator's.
        answer: the metrics, where they are known already: nothing is evaluated, and it takes no time.
        stage: the stage of the run that it belongs to, whose evaluator does it (`nas.evaluate.staged`); empty: it is a
            trial.
        noted: whether a study notes it while this process does it, so that it is known if the process dies in it.
    """

    number: int
    proposal: Proposal
    seed: int
    answer: Metrics | None = None
    stage: str = ""
    noted: bool = True


@dataclass(frozen=True)
class Failed:
    """An evaluation that gave no metrics.

    Attributes:
        kind: of the failure; None: the evaluator reports what no search can use.
        message: the cause, in a line.
    """

    kind: FailureKind | None
    message: str

    @classmethod
    def of(cls, error: EvaluationFailed | MetricsError) -> "Failed":
        """What was raised, without the frames that hold the memory of a candidate."""
        if isinstance(error, EvaluationFailed):
            return cls(error.kind, error.message)
        return cls(None, str(error))

    def error(self) -> EvaluationFailed | MetricsError:
        """It as what was raised."""
        return MetricsError(self.message) if self.kind is None else EvaluationFailed(self.kind, self.message)


Outcome = Metrics | Failed


@dataclass(frozen=True)
class Finished:
    """A job that is done.

    Attributes:
        job: what was evaluated.
        outcome: its metrics, or how it failed.
        seconds: what the evaluation took; that of a trial with a parent begins where the parent's ended.
        at: the executor's clock at its end.
        death: what the worker process died of in it; empty if it did not.
    """

    job: Job
    outcome: Outcome
    seconds: float
    at: float
    death: str = ""

    @classmethod
    def of(cls, job: Job, outcome: Outcome, seconds: float, *, at: float, death: str = "") -> "Finished":
        """A job that took so many seconds, unless its evaluator reports how many it took or its answer was known."""
        reported = reported_seconds(outcome) if job.answer is None else 0.0
        return cls(job, outcome, seconds if reported is None else reported, at, death)


class Executor(Protocol):
    """Evaluates jobs, `slots` of them at once."""

    @property
    def slots(self) -> int:
        """How many jobs are evaluated at once; more may be submitted, and wait."""

    @property
    def clock(self) -> float:
        """Seconds since the beginning: when a job that is submitted now would begin."""

    def submit(self, job: Job) -> None:
        """Takes a job."""

    def next(self) -> Sequence[Finished]:
        """Waits until a job is finished. All that are finished by then, ordered by when, and by their numbers.

        There must be a job that was submitted and not given back.
        """


class Platform(Protocol):
    """Where the evaluations of a search run."""

    def open(
        self, evaluator: Evaluator, resources: Resources, *, on_event: OnEvent
    ) -> AbstractContextManager[Executor]:
        """The executor of a search, for as long as the context lasts.

        Args:
            evaluator: gives the metrics of an architecture.
            resources: what evaluations may use; their workers are not `in_process`.
            on_event: called with a `TrialBegan` when a job is begun, and with the epochs of its training.
        """


def evaluate(evaluator: Evaluator, job: Job) -> tuple[Outcome, float]:
    """The outcome of a job, and the seconds that it took here.

    Whatever a candidate raises is a failure, as `nas.containment.survivable` says; errors of the run's own pass.
    """
    if job.answer is not None:
        return job.answer, 0.0
    begin = time.perf_counter()
    chosen: Evaluator = known_to(evaluator, "stages")[job.stage] if job.stage else evaluator
    outcome: Outcome
    try:
        with survivable():
            outcome = read_metrics(chosen(job.proposal.architecture, epochs=job.proposal.epochs, seed=job.seed))
    except (EvaluationFailed, MetricsError) as error:
        outcome = Failed.of(error)
    return outcome, time.perf_counter() - begin


def reported_seconds(outcome: Outcome) -> float | None:
    """The seconds that an evaluator says an evaluation took; None: it does not say, or says what cannot be."""
    seconds = None if isinstance(outcome, Failed) else outcome.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) and 0 <= seconds < math.inf else None
