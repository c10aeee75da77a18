"""Evaluations in simulated time, on any number of simulated workers.

A job takes the seconds that its evaluator reports (those that a table records), whatever the look-up took, and is
finished at the time at which a worker of its own would have finished it; jobs of one moment come together, in the
order of their numbers.

**Trainings that go on** cost the seconds that their parents had not: less than 0 seconds count as 0. What was answered
from memory was never trained, so going on with it costs all of it, as in tables whose budgets are trainings of their
own.
"""

import heapq
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from nas.containment import contained
from nas.driver.executors.executor import Failed, Finished, Job, Outcome, evaluate, reported_seconds
from nas.errors import EvaluationFailed, UsageError
from nas.evaluate.evaluator import Evaluator
from nas.trial import Objective


class _Event(NamedTuple):
    """The end of a job; no two are of one number."""

    at: float
    number: int
    finished: Finished


class Simulated:
    """An executor whose time is simulated.

    Args:
        evaluator: gives the metrics of an architecture, and the `seconds` that it takes from its beginning on.
        slots: how many workers there are.
        resumes: whether a training can be paused and go on; else one for more epochs is another training.
        measured: evaluations are trainings: what one changes for the process is put back, and one without reported
            seconds takes the time that it took here. Else it takes none, and a failed one as much as those before it
            on average.
        needs_seconds: an evaluation without seconds is an error, because it has no place in the order of events.
        objectives: what an evaluation fails by.
        name: of what is evaluated, for error messages.
        around: the context in which a job is evaluated; an EvaluationFailed that it raises is the outcome.

    Attributes:
        now: the time of the last event.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        slots: int = 1,
        *,
        resumes: bool = True,
        measured: bool = False,
        needs_seconds: bool = False,
        objectives: Sequence[Objective] = (),
        name: str = "simulation",
        around: Callable[[Job], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self.evaluator = evaluator
        self.now = 0.0
        self._slots = slots
        self._resumes, self._measured, self._needs_seconds = resumes, measured, needs_seconds
        self._objectives = objectives
        self._name = name
        self._around = around
        self._free = 0.0  # when the driver has answered everyone
        self._queue: list[_Event] = []
        self._spent: dict[int, float] = {}  # by number, the seconds of a training from its beginning on
        self._finished = 0
        self._seconds = 0.0  # of all that are finished

    @property
    def slots(self) -> int:
        return self._slots

    @property
    def clock(self) -> float:
        return max(self.now, self._free)

    def wait(self, seconds: float) -> None:
        """The driver is busy for so long: what is submitted afterwards begins so much later."""
        self._free = self.clock + seconds

    def submit(self, job: Job) -> None:
        """Evaluates a job at once. Raises UsageError where seconds are needed and there are none."""
        parent = job.proposal.parent
        before = self._spent.get(parent, 0.0) if parent is not None and self._resumes else 0.0
        outcome: Outcome
        try:
            # A look-up changes nothing of the process.
            with self._around(job), contained() if self._measured else nullcontext():
                outcome, measured = evaluate(self.evaluator, job)
        except EvaluationFailed as refused:
            outcome, measured = Failed.of(refused), 0.0
        seconds = self._seconds_of(job, outcome, measured, before)
        self._spent[job.number] = before + seconds if job.answer is None else 0.0
        at = self.clock + seconds
        heapq.heappush(self._queue, _Event(at, job.number, Finished(job, outcome, seconds, at)))

    def next(self) -> Sequence[Finished]:
        self.now = self._queue[0].at
        found = []
        while self._queue and self._queue[0].at == self.now:
            found.append(heapq.heappop(self._queue).finished)
        self._finished += len(found)
        self._seconds += sum(one.seconds for one in found)
        return found

    def _seconds_of(self, job: Job, outcome: Outcome, measured: float, before: float) -> float:
        """What a job costs; `before` of what it takes from scratch is paid."""
        reported = 0.0 if job.answer is not None else reported_seconds(outcome)
        if reported is None and self._measured:
            reported = measured
        if reported is not None:
            return max(0.0, reported - before)
        if self._fails(outcome):
            return self._seconds / self._finished if self._finished else 0.0
        if self._needs_seconds:
            raise UsageError(
                f"{self._name}: no seconds are recorded of {job.proposal.architecture.id}, and several workers or a "
                "budget of seconds need them"
            )
        return 0.0

    def _fails(self, outcome: Outcome) -> bool:
        if isinstance(outcome, Failed):
            return True
        try:
            for objective in self._objectives:
                objective.score(outcome)
        except EvaluationFailed:
            return True
        return False
