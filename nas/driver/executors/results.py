"""The jobs of an executor with other processes: which have begun, and which are finished and not yet given back."""

import time
from collections.abc import Sequence

from nas.driver.executors.executor import Finished, Job, Outcome
from nas.events import OnEvent, TrialBegan


class Results:
    """The jobs that have begun, and those that are finished. The clock of the executor begins with this.

    Args:
        on_event: called with a `TrialBegan` when a trial begins, once for each, however many workers it takes.
    """

    def __init__(self, on_event: OnEvent) -> None:
        self._post = on_event
        self._began: set[int] = set()
        self._finished: list[Finished] = []
        self._begin = time.perf_counter()

    def __len__(self) -> int:
        """How many are to be given back."""
        return len(self._finished)

    @property
    def clock(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self._begin

    def begin(self, job: Job) -> None:
        """A worker begins with a job."""
        if job.number not in self._began:
            self._began.add(job.number)
            if not job.stage:
                self._post(TrialBegan(job.number, job.proposal))

    def finish(self, job: Job, outcome: Outcome, seconds: float, death: str = "") -> None:
        """A job is finished; see `Finished`."""
        self._began.discard(job.number)
        self._finished.append(Finished.of(job, outcome, seconds, at=self.clock, death=death))

    def answer(self, job: Job) -> bool:
        """Finishes a job whose answer is known. Returns whether it is."""
        if job.answer is None:
            return False
        self.begin(job)
        self.finish(job, job.answer, 0.0)
        return True

    def take(self) -> Sequence[Finished]:
        """All jobs that are finished now, ordered by when, and by their numbers."""
        found, self._finished = sorted(self._finished, key=lambda one: (one.at, one.job.number)), []
        return found
