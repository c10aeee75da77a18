"""What may be spent, as records; whole runs with each kind of budget are in tests/simulation/test_simulate.py."""

from dataclasses import dataclass
from typing import Any

import pytest

from nas.driver.accounts import Accounts
from nas.driver.budget import Budget, SearchBudget, budget_of
from nas.driver.executors.executor import Job
from nas.errors import ArgumentError, UsageError
from nas.space import parse_space
from nas.trial import Objective, Proposal, Trial

SPACE = parse_space("{input: [4], layers: [{choice: [relu, gelu]}]}")
OBJECTIVES = (Objective("val_loss", "minimize"), Objective("params", "minimize"))


@dataclass(frozen=True)
class Evaluations:
    epochs: int = 4
    mean_seconds: float | None = 2.5


def test_what_a_budget_is_worth() -> None:
    assert Budget("evaluations", 30).trials(Evaluations()) == 30
    assert [Budget("epochs", amount).trials(Evaluations()) for amount in (30, 1)] == [7, 1]
    assert Budget("seconds", 25).trials(Evaluations(), 3) == 30
    assert Budget("seconds", 25).trials(Evaluations(mean_seconds=None)) is None
    assert str(Budget("seconds", 12_000)) == "12,000 seconds"


@pytest.mark.parametrize("amount", [0, -1, float("inf"), float("nan")])
def test_amounts_that_are_refused(amount: float) -> None:
    with pytest.raises(UsageError, match=f"^a budget of epochs is a number above 0, got {amount}$"):
        Budget("epochs", amount)


def test_what_is_counted_is_whole() -> None:
    with pytest.raises(UsageError, match=r"^a budget of evaluations is a whole number, got 1\.5$"):
        Budget("evaluations", 1.5)
    assert Budget("seconds", 1.5).amount == 1.5


def spend(account: Accounts, scores: list[float], *, clock: float = 0.0) -> int:
    """How many trials are asked for and told, one after the other."""
    arch = next(iter(SPACE))
    for number, score in enumerate(scores):
        job = Job(number, Proposal(arch), 0)
        if not (account.is_open(number, clock) and account.affords(job)):
            return number
        account.pay(job)
        account.settle(Trial(number, job.proposal, 0, {}, (score, 0.0), 1.0, None, number))
    return len(scores)


def test_a_budget_of_a_comparison_as_accounts() -> None:
    account, costs = Budget("evaluations", 2).accounts(full_epochs=4, resumes=False)
    assert spend(account, [0.0] * 9) == 2
    assert costs == {0: 4, 1: 4}
    account, costs = Budget("epochs", 10).accounts(full_epochs=4, resumes=False)
    assert spend(account, [0.0] * 9) == 2
    account, costs = Budget("seconds", 10).accounts(full_epochs=4, resumes=False)
    assert spend(account, [0.0], clock=10) == 0
    assert account.is_over(10.1)


def test_a_search_has_100_trials_unless_its_length_is_given() -> None:
    assert SearchBudget() == SearchBudget(100)
    assert SearchBudget(patience=5, target=0.9).trials == 100
    assert SearchBudget(minutes=1).trials is SearchBudget(epochs=1).trials is None
    assert budget_of(None, None) == SearchBudget()
    assert budget_of(0, None) == SearchBudget(1)
    assert budget_of(7, {"trials": 9, "minutes": 0.5}) == SearchBudget(7, minutes=0.5)
    assert budget_of(None, SearchBudget(epochs=3)) == SearchBudget(epochs=3)
    assert SearchBudget(minutes=1).with_trials(5) == SearchBudget(minutes=1)
    assert SearchBudget(3, patience=2).with_trials(5) == SearchBudget(5, patience=2)
    assert SearchBudget(3, patience=2).others() == {"patience": 2}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"minuts": 3}, r"minuts.*did you mean 'minutes'\?"),
        ({"minutes": 0}, "minutes: expected"),
        ({"epochs": 2.5}, "epochs: expected"),
        ({"target": "high"}, r"target: expected a number, or \{metric: number\}, got 'high'"),
        ({"target": {"val_acc": "high"}}, r"target: expected a number, or \{metric: number\}"),
    ],
)
def test_a_search_budget_that_is_none(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        budget_of(None, given)


@pytest.mark.parametrize(
    ("budget", "asked", "by"),
    [
        (SearchBudget(3), 3, "trials"),
        (SearchBudget(epochs=9), 2, "epochs"),
        (SearchBudget(5, epochs=9), 2, "epochs"),
        (SearchBudget(patience=2), 5, "patience"),
        (SearchBudget(target=0.3), 3, "target"),
        (SearchBudget(target={"params": 0, "val_loss": 0.3}), 3, "target"),
        (SearchBudget(target={"params": -1}, trials=4), 4, "trials"),
        (SearchBudget(minutes=0.5), 9, ""),
        (SearchBudget(minutes=1 / 60), 0, "minutes"),
    ],
)
def test_a_search_budget_as_accounts(budget: SearchBudget, asked: int, by: str) -> None:
    account = budget.accounts(OBJECTIVES, full_epochs=4)
    assert spend(account, [-0.9, -0.4, -0.3, -0.3, -0.5, -0.1, -0.1, -0.1, -0.1], clock=1.0) == asked
    assert (account.end.by if account.closed else "") == by


def test_the_end_of_a_space() -> None:
    assert spend(SearchBudget(minutes=5).accounts(space=SPACE), [0.0] * 9) == 9, "one of two networks"
    account = SearchBudget(minutes=5).accounts(space=parse_space("{input: [4], layers: [relu]}"))
    assert spend(account, [0.0] * 9) == 1
    assert account.end.by == "space"


def test_targets_are_values_of_objectives() -> None:
    assert SearchBudget().targets(OBJECTIVES) == {}
    assert SearchBudget(target=0.5).targets(OBJECTIVES) == {"val_loss": 0.5}
    for target, message in (
        ({"val_los": 1.0}, r"^the target 'val_los' is no objective; did you mean 'val_loss'\?$"),
        ({"seconds": 1.0}, "^the target 'seconds' is no objective; objectives are val_loss, params$"),
        ({}, "^the target names no metric"),
    ):
        with pytest.raises(UsageError, match=message):
            SearchBudget(target=target).accounts(OBJECTIVES)


def test_epochs_need_the_length_of_a_full_training() -> None:
    with pytest.raises(UsageError, match=r"^a budget of epochs needs an evaluator that states"):
        SearchBudget(epochs=9).accounts(OBJECTIVES)


def test_the_length_of_a_schedule() -> None:
    assert SearchBudget(30, epochs=8, minutes=1).schedule(4) == 30
    assert [SearchBudget(epochs=epochs).schedule(4) for epochs in (3, 9)] == [1, 2]
    assert SearchBudget(epochs=9).schedule(None) is SearchBudget(minutes=9).schedule(4) is None


def test_the_time_left_is_that_of_the_whole_budget() -> None:
    whole = SearchBudget(10, epochs=40, minutes=1)
    account = SearchBudget(9, epochs=36, minutes=0.9).accounts(OBJECTIVES, full_epochs=4, whole=whole)
    assert account.is_open(0, 0.0)
    assert account.left(20.0) == 40.0
