"""Evaluations on the machine of the search."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from nas.arguments import checked
from nas.driver.executors.executor import Executor
from nas.driver.executors.limits import PER_DEVICE, EvaluationLimits, WorkerCount, count_workers
from nas.driver.executors.workers import Workers
from nas.evaluate.evaluator import Evaluator
from nas.events import OnEvent


@checked
@dataclass(frozen=True)
class Local:
    """Worker processes on the machine of the search."""

    def open(
        self,
        evaluator: Evaluator,
        *,
        workers: WorkerCount,
        window: int,
        limits: EvaluationLimits | None,
        threads: int,
        on_event: OnEvent,
    ) -> AbstractContextManager[Executor]:
        """See `nas.driver.executors.executor.Platform`."""
        count = count_workers(workers, window=window, threads=threads)
        per_device = PER_DEVICE if workers == "auto" else None
        return Workers(evaluator, count, limits=limits, threads=threads, per_device=per_device, on_event=on_event)
