"""What mutation, crossover and enumeration pick. What they make of spaces is in `test_space.py`."""

from collections.abc import Mapping

import numpy as np
import pytest

from nas.space import Choice, Pick, Value
from nas.space.picks import crossover, every_walk, mutation, mutations

OPTIONS: Mapping[str, tuple[Value, ...]] = {"a": (1, 2, 3), "b": ("x",), "c": (True, False)}


def _choice(name: str) -> Choice:
    return Choice(name, OPTIONS[name], lambda: (1,) * len(OPTIONS[name]))


def _walk(pick: Pick) -> tuple[tuple[str, Value], ...]:
    """Where `a` is 3, there is no `c`."""
    decided: list[tuple[str, Value]] = []
    for name in OPTIONS:
        if name != "c" or decided[0] != ("a", 3):
            decided.append((name, pick(_choice(name))))
    return tuple(decided)


OLD = (("a", 1), ("b", "x"), ("c", True))
MET = [_choice(name) for name in OPTIONS]


def test_every_walk_is_an_odometer() -> None:
    walks = list(every_walk(_walk, lambda choice: choice.options))
    assert walks == [
        *((("a", first), ("b", "x"), ("c", last)) for first in (1, 2) for last in (True, False)),
        (("a", 3), ("b", "x")),
    ]


def test_mutations_change_one_decision_and_keep_the_others() -> None:
    neighbours = [found for allowed in mutations(OLD, MET) for found in every_walk(_walk, allowed)]
    assert neighbours == [
        (("a", 2), ("b", "x"), ("c", True)),
        (("a", 3), ("b", "x")),
        (("a", 1), ("b", "x"), ("c", False)),
    ]
    drawn = set()
    for seed in range(50):
        pick = mutation(OLD, MET, np.random.default_rng(seed))
        assert pick is not None
        drawn.add(_walk(pick))
    assert drawn == set(neighbours)


def test_where_nothing_can_change_there_is_no_mutation() -> None:
    assert mutation((("b", "x"),), [_choice("b")], np.random.default_rng(0)) is None
    assert list(mutations((("b", "x"),), [_choice("b")])) == []


@pytest.mark.parametrize("seed", range(10))
def test_crossover_takes_what_a_parent_has(seed: int) -> None:
    pick = crossover(OLD, (("a", 3), ("b", "gone")), np.random.default_rng(seed))
    found = dict(_walk(pick))
    assert found["a"] in (1, 3)
    assert found["b"] == "x", "the only one that is legal"
    assert found.get("c", True) is True, "only one parent has it"
