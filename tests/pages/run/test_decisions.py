from collections.abc import Callable

import pytest

from nas.pages.run.decisions import comparable, decision_scores, reading_key, short_form
from nas.space import Architecture, Space, parse_space
from nas.trial import Trial

MakeTrial = Callable[..., Trial]


@pytest.fixture
def flat() -> Space:
    return parse_space("""
name: flat
input: [4]
layers:
  - linear: {units: {choice: [2, 3]}, bias: {choice: [true, false]}}
""")


def arch(space: Space, *, units: int, bias: bool) -> Architecture:
    names = list(space.universe)
    return space.rebuild(dict(zip(names, (units, bias), strict=True)))


def test_means_counts_and_shares(flat: Space, make_trial: MakeTrial) -> None:
    plan = [(2, True, 0.9), (2, False, 0.8), (2, True, 0.7), (3, True, 0.2), (3, False, 0.3), (3, False, 0.4)]
    found = decision_scores(
        [make_trial(n, score=s, architecture=arch(flat, units=u, bias=b)) for n, (u, b, s) in enumerate(plan)], count=5
    )
    units, bias = found
    assert units.name.endswith("units")
    assert units.spread == pytest.approx(0.5)
    assert [option.value for option in units.options] == [2, 3]
    best = units.options[0]
    assert (best.trials, best.share, best.better_share) == (3, 0.5, 1.0)
    assert best.mean == pytest.approx(0.8)
    assert best.error == pytest.approx(0.1 / 3**0.5)
    assert bias.spread == pytest.approx(0.1)
    assert [option.value for option in bias.options] == [True, False]


def test_rare_options_do_not_rank_a_decision(flat: Space, make_trial: MakeTrial) -> None:
    trials = [make_trial(n, score=0.5, architecture=arch(flat, units=2, bias=n % 2 == 0)) for n in range(8)]
    trials.append(make_trial(8, score=0.9, architecture=arch(flat, units=3, bias=True)))
    assert [scores.name.rpartition(".")[2] for scores in decision_scores(trials, count=5)] == ["bias"]


def test_only_the_widest_are_kept(trials: list[Trial]) -> None:
    found = decision_scores(comparable(trials), count=3)
    assert len(found) == 3
    assert [scores.spread for scores in found] == sorted((scores.spread for scores in found), reverse=True)


def test_trials_that_failed_or_did_not_learn_are_not_compared(trials: list[Trial], make_trial: MakeTrial) -> None:
    assert comparable([*trials, make_trial(40, score=0.1)]) == trials[:38]
    assert comparable([]) == []
    assert decision_scores([], count=3) == []


def test_trials_of_other_epochs_are_not_compared(make_trial: MakeTrial) -> None:
    short = [make_trial(number, epochs=1) for number in range(3)]
    middle = [make_trial(number, epochs=3) for number in range(3, 5)]
    full = [make_trial(number) for number in range(5, 8)]
    failed = make_trial(8, epochs=3, error="CRASH: no")
    assert comparable([*short, *middle, failed]) == short
    assert comparable([*short, *middle, *full]) == full
    assert comparable([failed]) == []


def test_short_form_groups_the_copies_of_a_stack(space: Space) -> None:
    long = next(arch for arch in space if dict(arch.choices)["body.repeat"] == 2)
    assert short_form(long) == [
        ("body.repeat", "2"),
        ("body.0", "8 · 3 · none"),
        ("body.1", "8 · 3 · none"),
        ("2.dropout.p", "0.0"),
    ]
    assert reading_key([long, long]) == [("body.n", "conv.width · conv.kernel · skip")]
