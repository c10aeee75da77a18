"""Where the trials of a search are kept.

A study holds finished trials, in the order of their numbers, and nothing else: what was in flight when a driver died
is asked again under its own number, and comes out the same (`loop.py`).
"""

from collections.abc import Iterator
from typing import Protocol

from nas.trial import Trial


class Study(Protocol):
    """The log of a search: it can be read from the start and appended to."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Trial]: ...

    def append(self, trial: Trial) -> None:
        """Adds the next trial; when this returns, the trial will not be lost. Raises StorageError."""


class MemoryStudy:
    """A study that lives as long as its process."""

    def __init__(self) -> None:
        self._trials: list[Trial] = []

    def __len__(self) -> int:
        return len(self._trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._trials)

    def append(self, trial: Trial) -> None:
        self._trials.append(trial)
