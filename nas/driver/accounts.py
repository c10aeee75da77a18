"""Accounts: what decides that a search ends. Several are open together, and the first one to close ends it.

`budget.py` has the records that accounts are made from, and `stops.py` the accounts that look at scores.

An account knows only what the loop tells it: each job that is asked for, or that the log says was asked for, and each
trial that is told. A resumed search tells its accounts the same in the same order, so it ends where the undisturbed one
ends. Only time differs from search to search.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

from nas.driver.executors.executor import Job
from nas.driver.tried import Tried
from nas.space import Space
from nas.trial import Trial

FREE_IN_A_ROW = 1000
"""A controller has converged after so many consecutive evaluations that used nothing of the budget."""

EndedBy = Literal["trials", "epochs", "minutes", "patience", "target", "space", "repetition"]
"""What ends a search: a key of its budget; `space`: every network was evaluated; `repetition`: the controller only
repeats itself."""


@dataclass(frozen=True)
class End:
    """Why a search ends.

    Attributes:
        by: what ends it.
        text: the reason in words.
    """

    by: EndedBy
    text: str

    def after(self, trials: int) -> str:
        """The same as a sentence, for a search of so many trials."""
        return f"the search ends after {trials:,} trial{'' if trials == 1 else 's'}: {self.text}"


class Account(ABC):
    """Decides when a search ends."""

    @property
    @abstractmethod
    def end(self) -> End:
        """Why the search ends if this account ends it."""

    @property
    def closed(self) -> bool:
        """Whether nothing more may be asked for, at any time."""
        return False

    def is_open(self, number: int, clock: float) -> bool:
        """Whether trial `number`, a new one, may be asked for at this time; if not, nothing more is."""
        return not self.closed

    def affords(self, job: Job) -> bool:
        """Whether there is enough left for a job; if not, nothing more is asked for."""
        return True

    def pay(self, job: Job) -> None:  # noqa: B027  some accounts need not know
        """Pays for a job: a new one, or one that an earlier search logged and this one goes on from."""

    def is_over(self, at: float) -> bool:
        """Whether a result at this time comes too late; the search then ends at once."""
        return False

    def settle(self, trial: Trial) -> None:  # noqa: B027
        """Learns of a trial when it is told."""

    def left(self, clock: float) -> float | None:
        """About how many seconds are left at this time, if this account ends the search; None: it cannot say."""
        return None


class _Pace:
    """How fast something was spent since the first time it was looked at."""

    def __init__(self) -> None:
        self._from: tuple[float, float] | None = None

    def begin(self, spent: float, clock: float) -> None:
        if self._from is None:
            self._from = spent, clock

    def left(self, rest: float, spent: float, clock: float) -> float | None:
        """The seconds in which the rest is spent at this pace; None: nothing was spent yet."""
        if self._from is None or spent <= self._from[0]:
            return None
        return max(0.0, rest) * (clock - self._from[1]) / (spent - self._from[0])


class _Free:
    """Which evaluations used nothing of a budget."""

    def __init__(self) -> None:
        self._paid = [-1]  # numbers of those that used up something, ascending

    def pay(self, number: int) -> None:
        self._paid.append(number)

    def return_(self, number: int) -> None:
        if number in self._paid:
            self._paid.remove(number)

    def converged(self, number: int) -> bool:
        """Whether the evaluations before this one were free for long enough."""
        return number - 1 - self._paid[-1] >= FREE_IN_A_ROW

    end = End("repetition", f"{FREE_IN_A_ROW:,} evaluations in a row were repetitions")


class Trials(Account):
    """So many trials.

    Args:
        trials: how many.
        after: how many more follow in a later part of the search, for the time left.
    """

    def __init__(self, trials: int, *, after: int = 0) -> None:
        self._trials, self._after = trials, after
        self._asked = self._told = 0
        self._pace = _Pace()

    @property
    def end(self) -> End:
        return End("trials", f"the budget is {self._trials:,} trials")

    @property
    def closed(self) -> bool:
        return self._asked >= self._trials

    def is_open(self, number: int, clock: float) -> bool:
        self._pace.begin(self._told, clock)
        return number < self._trials

    def pay(self, job: Job) -> None:
        self._asked += 1

    def settle(self, trial: Trial) -> None:
        self._told += 1

    def left(self, clock: float) -> float | None:
        return self._pace.left(self._trials + self._after - self._told, self._told, clock)


class Networks(Account):
    """As many trials as it takes to evaluate every network of a space with its full training, failed or not.

    Args:
        space: where the search takes place.
    """

    def __init__(self, space: Space) -> None:
        self._tried = Tried(space)

    @property
    def end(self) -> End:
        return End("space", "every network of the space has been evaluated")

    @property
    def closed(self) -> bool:
        return self._tried.all

    def pay(self, job: Job) -> None:
        # What is in flight counts: a window that is not yet told must not be filled with repeats.
        self._tried.add(job.proposal)


class Epochs(Account):
    """A sum of epochs, paid when a training is asked for. One that does not fit is not begun, and ends the search.

    A failed training costs all of its epochs. An answer from memory costs none; after `FREE_IN_A_ROW` of these the
    search ends.

    Args:
        epochs: how many; infinity: they are only counted.
        full_epochs: the evaluator's full training, for proposals that name no epochs.
        resumes: whether a training that goes on costs only the epochs that its parent had not.
        after: how many more follow in a later part of the search, for the time left.

    Attributes:
        costs: what each trial cost, by its number.
    """

    def __init__(self, epochs: float, *, full_epochs: int, resumes: bool = True, after: int = 0) -> None:
        self.costs: dict[int, int] = {}
        self._amount, self._after = epochs, after
        self._full_epochs, self._resumes = full_epochs, resumes
        self._trained: dict[int, int] = {}  # by number, the epochs of a training from its beginning on
        self._total = 0
        self._pace, self._free = _Pace(), _Free()
        self._converged = False

    @property
    def end(self) -> End:
        return _Free.end if self._converged else End("epochs", f"the budget is {self._amount:,.0f} epochs")

    @property
    def closed(self) -> bool:
        return self._converged

    def is_open(self, number: int, clock: float) -> bool:
        self._pace.begin(self._total, clock)
        self._converged = self._amount < inf and self._free.converged(number)
        return not self._converged

    def affords(self, job: Job) -> bool:
        return self._total + self._price(job) <= self._amount

    def pay(self, job: Job) -> None:
        epochs = self._price(job)
        self._total += epochs
        self.costs[job.number] = epochs
        self._trained[job.number] = 0 if job.answer is not None else self._length(job)
        if epochs > 0:
            self._free.pay(job.number)

    def left(self, clock: float) -> float | None:
        return self._pace.left(self._amount + self._after - self._total, self._total, clock)

    def _price(self, job: Job) -> int:
        """In epochs."""
        if job.answer is not None:
            return 0
        parent = job.proposal.parent
        before = self._trained.get(parent, 0) if parent is not None and self._resumes else 0
        return self._length(job) - before

    def _length(self, job: Job) -> int:
        """Of the training from its beginning on, in epochs."""
        return self._full_epochs if job.proposal.epochs is None else job.proposal.epochs


class Seconds(Account):
    """Time on the executor's clock. After `FREE_IN_A_ROW` consecutive answers that took no time, the search ends.

    Args:
        seconds: how many.
        finishing: whether trials that are in flight at the end are finished and told, as in a search; else what is not
            finished by then is never told, as in a comparison.
        after: how many more follow in a later part of the search, for the time left.
    """

    def __init__(self, seconds: float, *, finishing: bool, after: float = 0.0) -> None:
        self._amount, self._finishing, self._after = seconds, finishing, after
        self._free = _Free()
        self._converged = self._over = False

    @property
    def end(self) -> End:
        return _Free.end if self._converged else End("minutes", f"the budget is {self._amount / 60:,g} minutes")

    @property
    def closed(self) -> bool:
        return self._converged or self._over

    def is_open(self, number: int, clock: float) -> bool:
        self._converged = self._free.converged(number)
        return clock < self._amount and not self._converged

    def pay(self, job: Job) -> None:
        if job.answer is None:
            self._free.pay(job.number)

    def is_over(self, at: float) -> bool:
        return not self._finishing and at > self._amount

    def settle(self, trial: Trial) -> None:
        if trial.seconds == 0:
            self._free.return_(trial.number)
        self._over = self._over or trial.clock >= self._amount

    def left(self, clock: float) -> float | None:
        return max(0.0, self._amount + self._after - clock)


class Accounts(Account):
    """Several accounts. The search ends when one of them does.

    Args:
        accounts: in the order in which they are asked; if several close at once, the first is the reason.

    Attributes:
        proposals: how many trials were asked for until the first account closed. Trials of the log that follow were
            asked for by a later part of the search.
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.proposals = 0
        self._accounts = tuple(accounts)
        self._ended: Account | None = None

    @property
    def end(self) -> End:
        """Why the search ends. Raises ValueError while all accounts are open."""
        if self._ended is None:
            raise ValueError("all accounts are open")
        return self._ended.end

    @property
    def closed(self) -> bool:
        return self._ended is not None

    def is_open(self, number: int, clock: float) -> bool:
        self._note([one for one in self._accounts if not one.is_open(number, clock)])
        return not self.closed

    def affords(self, job: Job) -> bool:
        self._note([one for one in self._accounts if not one.affords(job)])
        return not self.closed

    def pay(self, job: Job) -> None:
        self._note([one for one in self._accounts if not one.affords(job)])  # in the log, and from a later part
        self.proposals += not self.closed
        for one in self._accounts:
            one.pay(job)
        self._note([one for one in self._accounts if one.closed])

    def is_over(self, at: float) -> bool:
        return any(one.is_over(at) for one in self._accounts)

    def settle(self, trial: Trial) -> None:
        for one in self._accounts:
            one.settle(trial)
        self._note([one for one in self._accounts if one.closed])

    def left(self, clock: float) -> float | None:
        known = [seconds for one in self._accounts if (seconds := one.left(clock)) is not None]
        return min(known, default=None)

    def _note(self, closed: Sequence[Account]) -> None:
        if closed and self._ended is None:
            self._ended = closed[0]
