"""What a search may spend, and what it has spent: trials, epochs, or seconds of the executor's clock."""

from dataclasses import dataclass
from typing import Literal, Protocol

from nas.arguments import checked
from nas.driver.executors.executor import Job
from nas.driver.tried import Tried
from nas.errors import UsageError
from nas.space import Space
from nas.trial import Trial

FREE_IN_A_ROW = 1000
"""A controller has converged after so many consecutive evaluations that used nothing of the budget."""


class Costs(Protocol):
    """What evaluations cost: epochs of a full training, and seconds on average, None where that is not known."""

    @property
    def epochs(self) -> int: ...
    @property
    def mean_seconds(self) -> float | None: ...


@checked
@dataclass(frozen=True)
class Budget:
    """What a run may spend.

    Raises:
        UsageError: the amount is not above 0, or is not whole where evaluations or epochs are counted.
    """

    kind: Literal["evaluations", "epochs", "seconds"]
    amount: float

    def __post_init__(self) -> None:
        if not 0 < self.amount < float("inf"):
            raise UsageError(f"a budget of {self.kind} is a number above 0, got {self.amount}")
        if self.kind != "seconds" and self.amount != int(self.amount):
            raise UsageError(f"a budget of {self.kind} is a whole number, got {self.amount}")

    def __str__(self) -> str:
        return f"{self.amount:,g} {self.kind}"

    def trials(self, costs: Costs, workers: int = 1) -> int | None:
        """About how many evaluations it is worth, for controllers with a schedule; None where that is not known."""
        if self.kind == "evaluations":
            return int(self.amount)
        if self.kind == "epochs":
            return max(1, int(self.amount / costs.epochs))
        return max(1, round(self.amount / costs.mean_seconds * workers)) if costs.mean_seconds else None


class Account(Protocol):
    """Decides when a search ends."""

    def is_open(self, number: int, clock: float) -> bool:
        """Whether trial `number` may be asked for at this time; if not, nothing more is."""

    def affords(self, job: Job) -> bool:
        """Whether there is enough left for a job; if not, nothing more is asked for."""

    def pay(self, job: Job) -> None:
        """Pays for a job: a new one, or one that an earlier search logged and this one goes on from."""

    def is_over(self, at: float) -> bool:
        """Whether a result at this time comes too late; the search then ends at once."""

    def settle(self, trial: Trial) -> None:
        """Learns of a trial when it is told."""


class Trials:
    """So many trials; fewer where every network of a space has been evaluated with its full training, or is being so.

    Args:
        trials: how many.
        space: None: repeats are wanted.
    """

    def __init__(self, trials: int, space: Space | None = None) -> None:
        self._trials = trials
        self._tried = None if space is None else Tried(space)

    def is_open(self, number: int, clock: float) -> bool:
        return number < self._trials and not (self._tried is not None and self._tried.all)

    def affords(self, job: Job) -> bool:
        return True

    def pay(self, job: Job) -> None:
        # What is in flight counts: a window that is not yet told must not be filled with repeats.
        if self._tried is not None:
            self._tried.add(job.proposal)

    def is_over(self, at: float) -> bool:
        return False

    def settle(self, trial: Trial) -> None:
        pass


class Spent:
    """What was spent of a budget, by the whole study: a search that goes on begins with what its log has cost.

    * `evaluations`: so many are asked for, and all are finished.
    * `epochs`: their sum; a proposal that does not fit any more ends the search.
    * `seconds`: what is finished by then counts; what is not is never told.

    An answer from memory costs no seconds and no epochs, but counts as an evaluation: free repeats would reward a
    controller that has nothing new to propose. The search ends after `FREE_IN_A_ROW` consecutive evaluations that used
    nothing of the budget.

    Args:
        budget: what may be spent.
        full_epochs: the evaluator's full training, for proposals that name no epochs.
        resumes: whether a training that goes on costs only the epochs that its parent had not.

    Attributes:
        epochs: what each trial cost, by its number.
    """

    def __init__(self, budget: Budget, *, full_epochs: int, resumes: bool) -> None:
        self.budget = budget
        self.epochs: dict[int, int] = {}
        self._full_epochs, self._resumes = full_epochs, resumes
        self._trained: dict[int, int] = {}  # by number, the epochs of a training from its beginning on
        self._total = 0
        self._paid = [-1]  # numbers of those that used up something, ascending

    def is_open(self, number: int, clock: float) -> bool:
        kind, amount = self.budget.kind, self.budget.amount
        if (kind == "evaluations" and number >= amount) or (kind == "seconds" and clock >= amount):
            return False
        return number - 1 - self._paid[-1] < FREE_IN_A_ROW

    def affords(self, job: Job) -> bool:
        return self.budget.kind != "epochs" or self._total + self._price(job) <= self.budget.amount

    def pay(self, job: Job) -> None:
        answered, epochs = job.answer is not None, self._price(job)
        self._total += epochs
        self.epochs[job.number] = epochs
        self._trained[job.number] = 0 if answered else self._length(job)
        if {"evaluations": True, "epochs": epochs > 0, "seconds": not answered}[self.budget.kind]:
            self._paid.append(job.number)

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

    def is_over(self, at: float) -> bool:
        return self.budget.kind == "seconds" and at > self.budget.amount

    def settle(self, trial: Trial) -> None:
        if self.budget.kind == "seconds" and trial.seconds == 0 and trial.number in self._paid:
            self._paid.remove(trial.number)
