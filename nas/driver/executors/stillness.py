"""Stillness: one worker times something, and all other workers are stopped meanwhile.

A worker asks for it, and gets it when no other worker has it. The time of those that are stopped does not count for
their limits. A worker that keeps it for longer than `LONGEST` loses it, so that an endless loop in a network that is
timed holds up the others no longer than that.
"""

from collections import deque
from collections.abc import Callable

LONGEST = 60.0
"""Seconds."""


class Stillness:
    """Who has stillness, and who waits for it. Workers are known by the numbers of the server.

    Args:
        stop: called with the only worker that may run, or with None when all may.
    """

    def __init__(self, stop: Callable[[int | None], None]) -> None:
        self._stop = stop
        self._waiting: deque[int] = deque()
        self.owner: int | None = None
        self.since = 0.0

    def ask(self, worker: int, now: float) -> None:
        """A worker asks for stillness."""
        self._waiting.append(worker)
        self._next(now)

    def end(self, worker: int, now: float) -> float:
        """A worker needs it no longer, or has ended. Returns the seconds for which others were stopped."""
        while worker in self._waiting:
            self._waiting.remove(worker)
        if worker != self.owner:
            return 0.0
        lasted, self.owner = now - self.since, None
        self._stop(None)
        self._next(now)
        return lasted

    def expired(self, now: float) -> bool:
        """Whether the worker that has it has kept it for too long."""
        return self.owner is not None and now - self.since > LONGEST

    def _next(self, now: float) -> None:
        if self.owner is None and self._waiting:
            self.owner, self.since = self._waiting.popleft(), now
            self._stop(self.owner)
