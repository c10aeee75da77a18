"""Greedy walks of a controller whose values are given."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import pytest

from nas.controllers import Decided
from nas.explanation.greedy import MOMENTS, Decision, greedy_of, greedy_walk, is_moment, option_place
from nas.space import Choice, Space, Value
from nas.trial import Trial

UNITS = "kind.deep.0.linear.units"
VALUES: Mapping[str, Mapping[Value, float]] = {
    "kind": {"plain": 0.4, "deep": 0.6},
    UNITS: {2: 0.7, 4: 0.5, 8: 0.9},
    "kind.deep.act": {"relu": 0.5, "gelu": 0.5},
    "kind.plain.linear.units": {2: 0.1, 4: 0.2, 8: 0.9},
}


class Given:
    """Values the options as it was told at the start, and keeps what it was asked."""

    value_kind: Literal["Q"] = "Q"

    def __init__(self, values: Mapping[str, Mapping[Value, float]] = VALUES) -> None:
        self.given = values
        self.asked: list[tuple[str, Decided]] = []

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        self.asked.append((choice.name, decided))
        return [self.given[choice.name][option] for option in choice.options]


def test_a_walk_by_hand(space: Space) -> None:
    """`deep` 0.6 > 0.4; 2 units 0.7 > 0.5, as 8 with 0.9 are over the limit; of two with 0.5 the first, `relu`."""
    controller = Given()
    walk = greedy_walk(controller, space)
    assert walk.architecture.choices == (("kind", "deep"), (UNITS, 2), ("kind.deep.act", "relu"))
    assert [(choice.name, list(values)) for choice, values in walk.met] == [
        ("kind", [0.4, 0.6]),
        (UNITS, [0.7, 0.5]),
        ("kind.deep.act", [0.5, 0.5]),
    ]
    assert controller.asked == [
        ("kind", ()),
        (UNITS, (("kind", "deep"),)),
        ("kind.deep.act", (("kind", "deep"), (UNITS, 2))),
    ]


def test_decisions_by_hand(space: Space, make_trial: Callable[..., Trial]) -> None:
    controller = Given()
    trials = [
        make_trial(0, 0.3, {"kind": "plain", "kind.plain.linear.units": 2}),
        make_trial(1, 0.8, {"kind": "deep", UNITS: 4, "kind.deep.act": "relu"}),
        make_trial(2, None, {"kind": "deep", UNITS: 2, "kind.deep.act": "gelu"}),
    ]
    greedy = greedy_of(controller, [(3, greedy_walk(controller, space))], space, trials)
    assert greedy is not None
    kind, units, act = greedy.decisions
    assert kind == Decision("kind", ("plain", "deep"), (0.4, 0.6), taken=1, tried=(1, 2), best=1)
    assert units == Decision(UNITS, (2, 4, 8), (0.7, 0.5, None), taken=0, tried=(1, 1, 0), best=1)
    assert act == Decision("kind.deep.act", ("relu", "gelu"), (0.5, 0.5), taken=0, tried=(1, 1), best=0)
    assert (units.legal, units.value, units.next_best) == ([0, 1], 0.7, 1)
    assert units.advantage == pytest.approx(0.1)
    assert [decision.tied for decision in greedy.decisions] == [False, False, True]
    assert greedy.last.score is None, "this network is not among the trials"


def test_a_decision_with_one_legal_option() -> None:
    only = Decision("one", (1, 2), (None, 0.5), taken=1, tried=(0, 0), best=None)
    assert (only.legal, only.next_best, only.advantage, only.tied) == ([1], None, 0.0, False)


def test_the_score_is_the_best_that_the_network_has_in_any_trial(
    space: Space, make_trial: Callable[..., Trial]
) -> None:
    controller = Given()
    walk = greedy_walk(controller, space)
    taken = dict(walk.architecture.choices)
    trials = [make_trial(0, 0.5, taken), make_trial(1, 0.7, taken), make_trial(2, None, taken)]
    greedy = greedy_of(controller, [(1, walk), (2, walk)], space, trials)
    assert greedy is not None
    assert [moment.score for moment in greedy.moments] == [0.7, 0.7]


def test_since_when_it_is_the_same(space: Space, make_trial: Callable[..., Trial]) -> None:
    controller = Given()
    one = greedy_walk(controller, space)
    other = greedy_walk(Given({**VALUES, "kind": {"plain": 0.7, "deep": 0.6}}), space)
    trials = [make_trial(0, 0.5, dict(one.architecture.choices))]
    for walks, settled in (([one, other, one, one], 3), ([one, one, one, one], 1), ([other, other, other, one], 4)):
        greedy = greedy_of(controller, list(enumerate(walks, start=1)), space, trials)
        assert greedy is not None
        assert greedy.settled == settled
    assert greedy_of(controller, [], space, []) is None


@pytest.mark.parametrize("trials", [1, 2, MOMENTS, MOMENTS + 1, 60, 500, 2700])
def test_moments_are_few_and_end_with_the_last_trial(trials: int) -> None:
    found = [told for told in range(trials + 1) if is_moment(told, trials)]
    assert 1 <= len(found) <= MOMENTS
    assert found[0] > 0
    assert found[-1] == trials
    assert len(found) >= min(trials, MOMENTS / 2)


def test_numbers_and_truth_values_are_told_apart() -> None:
    assert [option_place((True, 1, 1.0), option) for option in (1, 1.0, True)] == [1, 2, 0]
