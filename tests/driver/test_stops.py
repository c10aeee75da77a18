"""Searches that end because they no longer improve, or have found what they looked for."""

import pytest

from nas.driver.stops import Patience, Target
from nas.space import parse_space
from nas.trial import Objective, Proposal, Trial

ARCHS = list(parse_space("{input: [4], layers: [{linear: {units: {choice: [1, 2, 3, 4, 5, 6, 7, 8]}}}]}"))


def trial(number: int, *scores: float, epochs: int | None = None) -> Trial:
    """Without scores, a failed one."""
    proposal = Proposal(ARCHS[number % len(ARCHS)], epochs)
    return Trial(number, proposal, 0, {}, scores or None, 1.0, None if scores else "CRASH: it broke", number)


def closes_after(patience: int, trials: list[Trial]) -> int | None:
    account = Patience(patience)
    for count, one in enumerate(trials, start=1):
        account.settle(one)
        if account.closed:
            return count
    return None


@pytest.mark.parametrize(
    ("trials", "count"),
    [
        ([trial(n, score) for n, score in enumerate((0.5, 0.4, 0.6, 0.6, 0.5))], 5),
        ([trial(n, score) for n, score in enumerate((0.5, 0.4, 0.6, 0.5, 0.7))], None),
        ([trial(0), trial(1), trial(2)], 2),
        ([trial(0, 0.5), trial(1), trial(2, 0.4)], 3),
        # One with more epochs is compared with none before it, and one with fewer with nothing.
        ([trial(0, 0.9, epochs=1), trial(1, 0.5), trial(2, 0.95, epochs=1), trial(3, 0.6)], None),
        ([trial(0, 0.9), trial(1, 0.95, epochs=1), trial(2, 0.99, epochs=2)], 3),
        # Several objectives: each member of the front is an improvement.
        ([trial(0, 0.9, -5), trial(1, 0.8, -3), trial(2, 0.7, -2), trial(3, 0.7, -4), trial(4, 0.9, -5)], 5),
    ],
)
def test_patience(trials: list[Trial], count: int | None) -> None:
    assert closes_after(2, trials) == count


def test_patience_that_is_over_stays_over() -> None:
    """What was in flight may improve: the search ends all the same, as it does when it is resumed."""
    account = Patience(1)
    assert account.end.text == "1 trial in a row brought no improvement"
    for one in (trial(0, 0.5), trial(1, 0.4), trial(2, 0.9)):
        account.settle(one)
    assert account.closed
    assert not account.is_open(3, 0)
    assert (account.end.by, Patience(20).end.text) == ("patience", "20 trials in a row brought no improvement")


def test_a_target_is_reached_by_one_trial() -> None:
    objectives = (Objective("val_acc"), Objective("params", "minimize"))
    account = Target({"params": 100, "val_acc": 0.9}, objectives)
    for number, scores in enumerate(((0.95, -101.0), (0.89, -10.0), ())):
        account.settle(trial(number, *scores))
        assert not account.closed
    account.settle(trial(3, 0.9, -100.0))
    account.settle(trial(4, 0.99, -1.0))
    assert account.closed
    assert (account.end.by, account.end.text) == (
        "target",
        f"{trial(3, 0.9, -100.0).architecture.id} reached the target, params 100, val_acc 0.9",
    )
