"""When worker processes end, one trial after the other, of the same cause, it is not the fault of one candidate."""

from nas.driver.executors.executor import Finished
from nas.errors import WorkersFailed

MOST = 3
"""So many trials in a row end the search."""


class Streak:
    """The trials told last that ended their worker process, as long as they did so of one cause."""

    def __init__(self) -> None:
        self._death = ""
        self._length = 0

    def tell(self, one: Finished, error: str | None) -> None:
        """Notes a trial that was told.

        Raises:
            WorkersFailed: it is the third in a row that ended its worker of the same cause.
        """
        self._length = self._length + 1 if one.death == self._death else 1
        self._death = one.death
        if self._death and self._length == MOST:
            raise WorkersFailed(
                f"{MOST} trials in a row ended their worker process, the last one, trial {one.job.number}, by {error}. "
                "The search stops here; a resumed search goes on with the next trial"
            )
