"""Evaluations on the machine of the search."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from nas.arguments import checked
from nas.driver.executors.executor import Executor
from nas.driver.executors.resources import PER_DEVICE, Resources
from nas.driver.executors.workers import Workers
from nas.evaluate.evaluator import Evaluator
from nas.events import OnEvent


@checked
@dataclass(frozen=True)
class Local:
    """Worker processes on the machine of the search."""

    def open(
        self, evaluator: Evaluator, resources: Resources, *, on_event: OnEvent
    ) -> AbstractContextManager[Executor]:
        """See `nas.driver.executors.executor.Platform`."""
        return Workers(
            evaluator,
            resources.processes,
            limits=resources.limits,
            threads=resources.threads,
            per_device=PER_DEVICE if resources.workers == "auto" else None,
            on_event=on_event,
        )
