"""When a search ends: trials, epochs, time, the networks of a space, and several of these together."""

from dataclasses import replace
from math import inf

import pytest

from nas.driver.accounts import FREE_IN_A_ROW, Account, Accounts, Epochs, Networks, Seconds, Trials
from nas.driver.executors.executor import Job
from nas.space import parse_space
from nas.trial import Metrics, Proposal, Trial

SPACE = parse_space("{input: [4], layers: [{choice: [relu, gelu]}]}")
FIRST, SECOND = SPACE


def job(number: int, epochs: int | None = None, parent: int | None = None, answer: Metrics | None = None) -> Job:
    return Job(number, Proposal(FIRST, epochs, parent), 0, answer)


def trial(number: int, *, seconds: float = 1.0, proposal: Proposal | None = None) -> Trial:
    return Trial(number, proposal or Proposal(FIRST), 0, {}, (0.5,), seconds, None, number)


def admit(account: Account, job: Job, *, clock: float = 0.0) -> bool:
    """What the loop does with a new job."""
    if not (account.is_open(job.number, clock) and account.affords(job)):
        return False
    account.pay(job)
    return True


def test_so_many_trials() -> None:
    account = Trials(2)
    assert [account.is_open(number, 0) for number in (0, 1, 2)] == [True, True, False]
    closed = [account.closed for number in range(2) if admit(account, job(number))]
    assert closed == [False, True]
    assert not account.is_over(1e9)
    assert (account.end.by, account.end.after(2)) == (
        "trials",
        "the search ends after 2 trials: the budget is 2 trials",
    )


def test_all_networks_there_are() -> None:
    account = Networks(SPACE)
    for number, proposal in enumerate((Proposal(FIRST), Proposal(SECOND, 1), Proposal(SECOND))):
        assert account.is_open(number, 0)
        account.pay(Job(number, proposal, seed=0))
    assert not account.is_open(3, 0), "what is in flight counts"
    assert account.end.after(1) == "the search ends after 1 trial: every network of the space has been evaluated"


def test_epochs_are_paid_in_advance() -> None:
    account = Epochs(10, full_epochs=4)
    jobs = [job(0, 1), job(1, 3, parent=0), job(2, answer={}), job(3, parent=2), job(4, 2)]
    assert all(admit(account, one, clock=1e9) for one in jobs)
    assert account.costs == {0: 1, 1: 2, 2: 0, 3: 4, 4: 2}
    assert not admit(account, job(5, 2)), "one is left"
    assert admit(account, job(5, 1))
    assert not account.is_over(1e9)
    assert account.end.text == "the budget is 10 epochs"


def test_trainings_of_their_own_cost_all_epochs() -> None:
    account = Epochs(inf, full_epochs=4, resumes=False)
    assert admit(account, job(0, 1))
    assert admit(account, job(1, None, parent=0))
    assert account.costs == {0: 1, 1: 4}


def test_what_a_log_has_cost_is_paid_whatever_the_budget() -> None:
    """A search that goes on with less than was spent asks for nothing more."""
    account = Epochs(5, full_epochs=4)
    for number in range(3):
        account.pay(job(number))
    assert sum(account.costs.values()) == 12
    assert not account.affords(job(3, 1))
    assert not account.affords(job(3, answer={}))


@pytest.mark.parametrize("finishing", [False, True])
def test_what_is_finished_in_time_counts(finishing: bool) -> None:
    """A search also tells what was in flight, and a comparison does not."""
    account = Seconds(600, finishing=finishing)
    assert [account.is_open(0, clock) for clock in (599.9, 600)] == [True, False]
    assert [account.is_over(at) for at in (600, 600.1)] == [False, not finishing]
    assert (account.end.by, account.end.text) == ("minutes", "the budget is 10 minutes")
    account.settle(replace(trial(0), clock=600.0))
    assert account.closed, "whatever time it is where the search goes on"


@pytest.mark.parametrize("account", [Epochs(1e6, full_epochs=1), Seconds(1e6, finishing=False)])
def test_what_uses_up_nothing_does_not_go_on_for_ever(account: Account) -> None:
    assert admit(account, job(0))
    account.settle(trial(0))
    for number in range(1, FREE_IN_A_ROW + 1):
        assert admit(account, job(number, answer={}))
        account.settle(trial(number, seconds=0))
    assert not account.is_open(FREE_IN_A_ROW + 1, 0)
    assert account.closed
    assert account.end.text == "1,000 evaluations in a row were repetitions"


def test_evaluations_that_take_no_time_use_up_no_seconds() -> None:
    account = Seconds(1, finishing=True)
    for number in range(FREE_IN_A_ROW):
        assert admit(account, job(number))
        account.settle(trial(number, seconds=0))
    assert not account.is_open(FREE_IN_A_ROW, 0)


def test_the_first_to_close_ends_the_search() -> None:
    account = Accounts([Trials(9), Epochs(10, full_epochs=4), Seconds(60, finishing=True)])
    with pytest.raises(ValueError, match="are open"):
        _ = account.end
    assert admit(account, job(0))
    assert admit(account, job(1))
    assert not admit(account, job(2)), "it does not fit"
    assert (account.closed, account.end.by, account.proposals) == (True, "epochs", 2)
    account.pay(job(2))
    assert not [one for one in (job(3), job(3, 1)) if account.affords(one)]
    assert (account.proposals, account.is_open(3, 1e9), account.end.by) == (2, False, "epochs"), "it stays so"
    assert Accounts([Seconds(1, finishing=False)]).is_over(2)
    late = Accounts([Trials(9), Seconds(60, finishing=True)])
    assert not admit(late, job(0), clock=61)
    assert late.end.by == "minutes"


def test_how_much_time_is_left() -> None:
    """As the pace since the search went on has it: what the log holds took no time now."""
    trials, epochs, seconds = Trials(10, after=2), Epochs(100, full_epochs=5), Seconds(90, finishing=True, after=10)
    account = Accounts([trials, epochs, seconds])
    for number in range(4):
        account.pay(job(number))
        account.settle(trial(number))
    assert [one.left(0) for one in (trials, epochs)] == [None, None]
    assert admit(account, job(4), clock=30)
    assert trials.left(31) is None
    account.settle(trial(4))
    assert (trials.left(40), epochs.left(40), seconds.left(40)) == (10 * 7, 10 * 75 / 5, 60)
    assert account.left(40) == 60
    assert seconds.left(1000) == 0
