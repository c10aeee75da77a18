"""What may be spent: by a search (`SearchBudget`), or by each run of a comparison (`Budget`). Accounts
(`accounts.py`, `stops.py`) are made from both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import inf
from typing import Annotated, Any, Literal, Protocol

from pydantic import GetCoreSchemaHandler, GetPydanticSchema
from pydantic_core import CoreSchema

from nas.arguments import Finite, Positive, PositiveFloat, checked
from nas.driver.accounts import Account, Accounts, Epochs, Networks, Seconds, Trials
from nas.driver.stops import Patience, Target
from nas.errors import UsageError, nearest
from nas.space import Space
from nas.trial import Objective

DEFAULT_TRIALS = 100
"""The number of trials of a search whose budget says nothing of its length."""


def _one_message(type_: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """One message for what is neither a number nor a mapping, rather than one for each of the two."""
    message = "Input should be a number, or {metric: number}"
    return {**handler(type_), "custom_error_type": "target", "custom_error_message": message}


TargetValues = Annotated[Finite | Mapping[str, Finite], GetPydanticSchema(_one_message)]
"""A value of the first objective, or values by the metrics of objectives."""


@checked
@dataclass(frozen=True)
class SearchBudget:
    """The budget of a search, which ends with the first of these. Trials in flight are finished then, and told.

    Trials, epochs and time are those of the whole study: a search that is resumed goes on with what is left.

    Attributes:
        trials: number of architectures to evaluate; `null`: 100 if there are neither `epochs` nor `minutes`, else any.
        epochs: sum of the epochs of all trainings. A training that goes on costs only its new epochs; one that does not
            fit any more is not begun.
        minutes: time to search, without the final stage.
        patience: number of trials in a row without improvement after which the search ends.
        target: metric of the first objective at which the search ends, or `{metric: value}` for one or more objectives.
    """

    trials: Positive | None = None
    epochs: Positive | None = None
    minutes: PositiveFloat | None = None
    patience: Positive | None = None
    target: TargetValues | None = None

    def __post_init__(self) -> None:
        if self.trials is self.epochs is self.minutes is None:
            object.__setattr__(self, "trials", DEFAULT_TRIALS)

    def targets(self, objectives: Sequence[Objective]) -> Mapping[str, float]:
        """The target by the metrics of objectives. Raises UsageError for a metric that is no objective."""
        if self.target is None:
            return {}
        found = self.target if isinstance(self.target, Mapping) else {objectives[0].metric: self.target}
        known = [one.metric for one in objectives]
        if not found:
            raise UsageError("the target names no metric; leave it out, or give {metric: value}")
        for metric in found:
            if metric not in known:
                guess = nearest(metric, known)
                hint = f"; did you mean {guess!r}?" if guess else f"; objectives are {', '.join(known)}"
                raise UsageError(f"the target {metric!r} is no objective{hint}")
        return found

    def schedule(self, full_epochs: int | None) -> int | None:
        """The number of trials, for controllers with a schedule: `trials`, or the number of full trainings for which
        the epochs suffice. None: it is not known.

        Args:
            full_epochs: the evaluator's full training; None: it states none.
        """
        if self.trials is not None:
            return self.trials
        return max(1, self.epochs // full_epochs) if self.epochs is not None and full_epochs else None

    def accounts(
        self,
        objectives: Sequence[Objective] = (),
        *,
        full_epochs: int | None = None,
        space: Space | None = None,
        whole: "SearchBudget | None" = None,
    ) -> Accounts:
        """New accounts for a search with this budget.

        Args:
            objectives: those of the search, for patience and target.
            full_epochs: the evaluator's full training.
            space: the search ends when every network of it has been evaluated; None: repeats are wanted.
            whole: the budget that this one is the beginning of, for the time left.

        Raises:
            UsageError: epochs cannot be counted, or the target is none of this search.
        """
        whole = whole or self
        opened: list[Account] = []
        if self.target is not None:
            opened.append(Target(self.targets(objectives), objectives))
        if self.patience is not None:
            opened.append(Patience(self.patience))
        if space is not None:
            opened.append(Networks(space))
        if self.trials is not None:
            opened.append(Trials(self.trials, after=(whole.trials or self.trials) - self.trials))
        if self.epochs is not None:
            if full_epochs is None:
                raise UsageError(
                    "a budget of epochs needs an evaluator that states the length of a full training, `full_epochs`"
                )
            opened.append(
                Epochs(self.epochs, full_epochs=full_epochs, after=(whole.epochs or self.epochs) - self.epochs)
            )
        if self.minutes is not None:
            after = (whole.minutes or self.minutes) - self.minutes
            opened.append(Seconds(60 * self.minutes, finishing=True, after=60 * after))
        return Accounts(opened)

    def with_trials(self, trials: int) -> "SearchBudget":
        """The same with another number of trials, where there is one."""
        return self if self.trials is None else replace(self, trials=trials)

    def others(self) -> Mapping[str, Any]:
        """What it says beside the number of trials, by key."""
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "trials"}
        return {name: value for name, value in values.items() if value is not None}


DEFAULT_BUDGET = SearchBudget()

BudgetGiven = SearchBudget | Mapping[str, Any]
"""A budget, or the same as in a run file: `{"minutes": 10}`."""


def budget_of(trials: int | None, given: BudgetGiven | None) -> SearchBudget:
    """The budget of a search in Python. Raises UsageError for a mapping that is none.

    Args:
        trials: the number of trials, in place of that of the budget; 0 counts as 1.
        given: the rest of the budget.
    """
    budget = SearchBudget(**given) if isinstance(given, Mapping) else given
    if trials is None:
        return budget or SearchBudget()
    return SearchBudget(max(trials, 1)) if budget is None else replace(budget, trials=max(trials, 1))


def no_schedule(controller: str) -> str:
    """Why a controller cannot be made for a budget whose `schedule` is None."""
    return f"{controller} has a schedule over the trials of a search, and the budget does not say how many these are"


class Costs(Protocol):
    """What evaluations cost: epochs of a full training, and seconds on average, None where that is not known."""

    @property
    def epochs(self) -> int: ...
    @property
    def mean_seconds(self) -> float | None: ...


@checked
@dataclass(frozen=True)
class Budget:
    """What each run of a comparison may spend.

    * `evaluations`: so many are asked for, and all are finished.
    * `epochs`: their sum; a proposal that does not fit any more ends the run.
    * `seconds`: what is finished by then counts; what is not is never told.

    An answer from memory costs no seconds and no epochs, but counts as an evaluation: free repeats would reward a
    controller that has nothing new to propose. A run ends after `accounts.FREE_IN_A_ROW` consecutive evaluations that
    used nothing of the budget.

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

    def accounts(self, *, full_epochs: int, resumes: bool) -> tuple[Accounts, Mapping[int, int]]:
        """New accounts for a run with this budget, and what each trial costs in epochs, by its number.

        Args:
            full_epochs: the full training of the evaluator.
            resumes: whether a training that goes on costs only the epochs that its parent had not.
        """
        most = self.amount if self.kind == "epochs" else inf
        epochs = Epochs(most, full_epochs=full_epochs, resumes=resumes)
        opened: list[Account] = [epochs]
        if self.kind == "evaluations":
            opened.append(Trials(int(self.amount)))
        if self.kind == "seconds":
            opened.append(Seconds(self.amount, finishing=False))
        return Accounts(opened), epochs.costs
