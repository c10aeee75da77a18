"""Evaluations in the driver's own process, one after the other."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from nas.containment import contained
from nas.driver.executors.executor import Failed, Finished, Job, Outcome, evaluate
from nas.errors import EvaluationFailed
from nas.evaluate.evaluator import Evaluator


class Serial:
    """An executor that evaluates jobs in the order of their submission, each when it is waited for.

    What a candidate changes for the process is put back (`nas.containment.contained`). Time is that of the machine.

    Args:
        evaluator: gives the metrics of an architecture.
        around: the context in which a job is evaluated; an EvaluationFailed that it raises is the outcome.
    """

    def __init__(
        self, evaluator: Evaluator, around: Callable[[Job], AbstractContextManager[object]] = nullcontext
    ) -> None:
        self.evaluator = evaluator
        self._around = around
        self._waiting: deque[Job] = deque()
        self._begin = time.perf_counter()

    @property
    def slots(self) -> int:
        return 1

    @property
    def clock(self) -> float:
        return time.perf_counter() - self._begin

    def submit(self, job: Job) -> None:
        self._waiting.append(job)

    def next(self) -> Sequence[Finished]:
        job = self._waiting.popleft()
        outcome: Outcome
        try:
            with self._around(job), contained():
                outcome, seconds = evaluate(self.evaluator, job)
        except EvaluationFailed as refused:
            outcome, seconds = Failed.of(refused), 0.0
        return [Finished.of(job, outcome, seconds, at=self.clock)]
