"""Brackets: what is entered where."""

from collections.abc import Sequence

from nas.controllers.backends.brackets import Brackets, Stage
from nas.space import Architecture
from nas.trial import Proposal, Trial

PLAN = (Stage(0, 2), Stage(1, 1))


def _trial(number: int, arch: Architecture, score: float, parent: int | None = None) -> Trial:
    return Trial(number, Proposal(arch, None, parent), number, {}, (score,), 1.0, None, number)


def test_brackets_take_turns(hundred: Sequence[Architecture]) -> None:
    brackets = Brackets(lambda number: [Stage(0, 2 + number), Stage(1, 1)])
    trials = [_trial(number, hundred[number], number / 10) for number in range(5)]
    for trial in trials:
        brackets.enter(trial, 0)
    assert list(brackets.due()) == [(trials[1], 1), (trials[4], 1)]


def test_what_a_bracket_has_no_place_for_is_left_out(hundred: Sequence[Architecture]) -> None:
    brackets = Brackets(lambda _: PLAN)
    brackets.enter(_trial(0, hundred[0], 0.5), 0)
    brackets.enter(_trial(1, hundred[1], 0.9, parent=77), 1)  # of no network of ours
    brackets.enter(_trial(2, hundred[2], 0.9), 1)  # new, but at a level above the first
    assert list(brackets.due()) == []
    brackets.enter(last := _trial(3, hundred[3], 0.6), 0)
    assert list(brackets.due()) == [(last, 1)]
