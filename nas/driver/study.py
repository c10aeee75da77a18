"""Where the trials of a search are kept.

A study holds finished trials, in the order of their numbers, and nothing else: what was in flight when a driver died
is asked again under its own number, and comes out the same (`loop.py`).
"""

from collections.abc import Iterator
from typing import Protocol

from nas.arguments import checked
from nas.objectives import Objectives, objectives_of
from nas.trial import Objective, Trial


class Study(Protocol):
    """The log of a search: it can be read from the start and appended to.

    One that has `objectives` says what its trials are scored by, and nobody has to say it again.
    """

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Trial]: ...

    def append(self, trial: Trial) -> None:
        """Adds the next trial; when this returns, the trial will not be lost. Raises StorageError."""


@checked
class MemoryStudy:
    """A study that lives as long as its process.

    Args:
        objectives: what its trials are scored by; None: what the first search with it is for.
    """

    def __init__(self, objectives: Objectives | None = None) -> None:
        self.objectives: tuple[Objective, ...] | None = None if objectives is None else objectives_of(objectives)
        self._trials: list[Trial] = []

    def __len__(self) -> int:
        return len(self._trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._trials)

    def append(self, trial: Trial) -> None:
        self._trials.append(trial)
