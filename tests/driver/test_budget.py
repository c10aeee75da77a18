"""What a search may spend; whole runs with each kind of budget are in tests/simulation/test_simulate.py."""

from dataclasses import dataclass
from typing import Any

import pytest

from nas.driver.budget import FREE_IN_A_ROW, Account, Budget, Spent, Trials
from nas.driver.executors.executor import Job
from nas.errors import UsageError
from nas.space import parse_space
from nas.trial import Metrics, Proposal, Trial

SPACE = parse_space("{input: [4], layers: [{choice: [relu, gelu]}]}")
FIRST, SECOND = SPACE


def job(number: int, epochs: int | None = None, parent: int | None = None, answer: Metrics | None = None) -> Job:
    return Job(number, Proposal(FIRST, epochs, parent), 0, answer)


def trial(number: int, *, seconds: float = 1.0, proposal: Proposal | None = None) -> Trial:
    return Trial(number, proposal or Proposal(FIRST), 0, {}, (0.5,), seconds, None, number)


def admit(account: Account, job: Job) -> bool:
    """What the loop does with a new job."""
    if not account.affords(job):
        return False
    account.pay(job)
    return True


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


def test_so_many_trials_or_all_there_are() -> None:
    account = Trials(2)
    assert [account.is_open(number, 0) for number in (0, 1, 2)] == [True, True, False]
    assert admit(account, job(0))
    assert not account.is_over(1e9)
    account = Trials(9, SPACE)
    for number, proposal in enumerate((Proposal(FIRST), Proposal(SECOND, 1), Proposal(SECOND))):
        assert account.is_open(number, 0)
        account.pay(Job(number, proposal, seed=0))
    assert not account.is_open(3, 0), "what is in flight counts"


def test_epochs_are_paid_in_advance() -> None:
    spent = Spent(Budget("epochs", 10), full_epochs=4, resumes=True)
    jobs = [job(0, 1), job(1, 3, parent=0), job(2, answer={}), job(3, parent=2), job(4, 2)]
    assert all(spent.is_open(one.number, 1e9) and admit(spent, one) for one in jobs)
    assert spent.epochs == {0: 1, 1: 2, 2: 0, 3: 4, 4: 2}
    assert not admit(spent, job(5, 2)), "one is left"
    assert admit(spent, job(5, 1))
    assert not spent.is_over(1e9)


def test_trainings_of_their_own_cost_all_epochs() -> None:
    spent = Spent(Budget("evaluations", 2), full_epochs=4, resumes=False)
    assert admit(spent, job(0, 1))
    assert admit(spent, job(1, None, parent=0))
    assert spent.epochs == {0: 1, 1: 4}
    assert [spent.is_open(number, 1e9) for number in (1, 2)] == [True, False]


def test_what_a_log_has_cost_is_paid_whatever_the_budget() -> None:
    """A search that goes on with less than was spent asks for nothing more."""
    spent = Spent(Budget("epochs", 5), full_epochs=4, resumes=True)
    for number in range(3):
        spent.pay(job(number))
    assert sum(spent.epochs.values()) == 12
    assert not spent.affords(job(3, 1))
    assert not spent.affords(job(3, answer={}))


def test_what_is_finished_in_time_counts() -> None:
    spent = Spent(Budget("seconds", 10), full_epochs=1, resumes=False)
    assert [spent.is_open(0, clock) for clock in (9.9, 10)] == [True, False]
    assert [spent.is_over(at) for at in (10, 10.1)] == [False, True]


@pytest.mark.parametrize("kind", ["evaluations", "epochs", "seconds"])
def test_what_uses_up_nothing_does_not_go_on_for_ever(kind: Any) -> None:
    spent = Spent(Budget(kind, 1e6), full_epochs=1, resumes=True)
    assert admit(spent, job(0))
    spent.settle(trial(0))
    for number in range(1, FREE_IN_A_ROW + 1):
        assert spent.is_open(number, 0)
        assert admit(spent, job(number, answer={}))
        spent.settle(trial(number, seconds=0))
    assert spent.is_open(FREE_IN_A_ROW + 1, 0) == (kind == "evaluations")


def test_evaluations_that_take_no_time_use_up_no_seconds() -> None:
    spent = Spent(Budget("seconds", 1), full_epochs=1, resumes=True)
    for number in range(FREE_IN_A_ROW):
        assert spent.is_open(number, 0)
        assert admit(spent, job(number))
        spent.settle(trial(number, seconds=0))
    assert not spent.is_open(FREE_IN_A_ROW, 0)
