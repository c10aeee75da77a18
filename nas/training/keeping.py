"""Trainings that are stored while they last, so that one whose process was killed goes on from the end of an epoch."""

import time
from collections.abc import Callable
from typing import Final

from nas.training.checkpoints import Checkpoints

SHARE: Final = 0.02
"""The greatest share of the time of a training that is spent on storing it, but for the last time."""
FIRST_COST: Final = 0.02
"""What the first storing is expected to take, in seconds; each later one is expected to take as long as the last."""


class Keeping:
    """Stores a training at the ends of epochs, as often as `SHARE` allows, and when it is finished.

    Args:
        checkpoints: where it is stored.
        training: identifies it.
        clock: the time in seconds.
    """

    def __init__(self, checkpoints: Checkpoints, training: str, clock: Callable[[], float] = time.perf_counter) -> None:
        self._checkpoints, self._training, self._clock = checkpoints, training, clock
        self._began = clock()
        self._spent, self._cost = 0.0, FIRST_COST

    def note(self, epoch: int, content: Callable[[], bytes], *, finished: bool) -> None:
        """Stores the training after an epoch, if it is due or finished.

        Args:
            epoch: the number of finished epochs.
            content: returns the state from which the training can continue.
            finished: whether no epoch follows.

        Raises:
            StorageError: the folder cannot be written.
        """
        before = self._clock()
        if finished or self._spent + self._cost <= SHARE * (before - self._began):
            self._checkpoints.save(self._training, epoch, content())
            self._cost = self._clock() - before
            self._spent += self._cost
