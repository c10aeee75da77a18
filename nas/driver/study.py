"""Where the trials of a search are kept.

A study holds finished trials in the order in which they were told: that of their numbers, unless the loop tells them as
they finish. What was in flight when a driver died is asked for again under its own number, with the same result
(`loop.py`). A study also keeps a note of the trial that is being evaluated, so that a trial in which the process always
dies is recognised.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from nas.arguments import checked
from nas.errors import EvaluationFailed, FailureKind, StorageError
from nas.objectives import Objectives, objectives_of
from nas.trial import Objective, Proposal, Trial


class Study(Protocol):
    """The log of a search: it can be read from the start and appended to, in the order of telling.

    One that has `objectives` says what its trials are scored by, and nobody has to say it again.
    """

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Trial]: ...

    def append(self, trial: Trial) -> None:
        """Adds the next trial; when this returns, the trial will not be lost. Raises StorageError."""

    def begin(self, proposal: Proposal) -> str | None:
        """Notes that the next trial is being evaluated, so that it is known even if the process dies in it.

        Returns:
            Why it must not be evaluated: what the process died of in it. None: it may be evaluated.

        Raises:
            StorageError: the note cannot be written.
        """

    def withdraw(self) -> None:
        """Removes the note: the process ends in an orderly way, and not because of the trial. Raises StorageError."""


@contextmanager
def attempt(study: Study, proposal: Proposal) -> Iterator[None]:
    """The context of an evaluation in which the process may die. If the search ends in it for another reason, the
    note is removed.

    Raises:
        EvaluationFailed: CRASH, the process died in it before.
        StorageError: the note cannot be written.
    """
    died = study.begin(proposal)
    if died is not None:
        raise EvaluationFailed(FailureKind.CRASH, died)
    try:
        yield
    except BaseException:
        with suppress(StorageError):
            study.withdraw()
        raise


@checked
class MemoryStudy:
    """A study that lives as long as its process.

    Args:
        objectives: what its trials are scored by; None: the objectives of the first search with it.
    """

    def __init__(self, objectives: Objectives | None = None) -> None:
        self.objectives: tuple[Objective, ...] | None = None if objectives is None else objectives_of(objectives)
        self._trials: list[Trial] = []

    def __repr__(self) -> str:
        return f"<MemoryStudy, trials: {len(self)}>"

    def __len__(self) -> int:
        return len(self._trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._trials)

    def append(self, trial: Trial) -> None:
        self._trials.append(trial)

    def begin(self, proposal: Proposal) -> str | None:
        return None  # nobody reads this study once its process has died

    def withdraw(self) -> None:
        pass
