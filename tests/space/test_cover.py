"""Architectures that show what a space can hold."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from nas.ops import Merge, Op
from nas.space import Architecture, load_space, parse_space
from nas.space.cover import MOST, cover

SPACES = Path(__file__).parents[2] / "search_spaces"

NESTED = """
input: [4]
layers:
  - repeat: {choice: [1, 2, 3]}
    of:
      - choice:
          narrow: {linear: {units: {choice: [2, 3]}}}
          wide: [{linear: {units: 8}}, {choice: [relu, gelu, {dropout: {p: {choice: [0.1, 0.2]}}}]}]
  - linear: {units: 2}
"""


def test_every_option_is_taken() -> None:
    space = parse_space(NESTED)
    taken = {decision for arch in cover(space) for decision in arch.choices}
    assert taken == {(name, value) for name, values in space.universe.items() for value in values}


def test_limits_leave_options_out() -> None:
    space = parse_space(NESTED + "limits: {params: 80}\n")
    taken = {decision for arch in cover(space) for decision in arch.choices}
    assert taken == {decision for arch in space for decision in arch.choices}


def test_each_shows_something_new_and_nothing_is_random() -> None:
    space = parse_space(NESTED)
    seen: set[tuple[str, object]] = set()
    for arch in cover(space):
        assert not set(arch.choices) <= seen
        seen |= set(arch.choices)
    assert [arch.choices for arch in cover(space)] == [arch.choices for arch in cover(parse_space(NESTED))]


def test_a_space_without_decisions_and_one_with_many_options() -> None:
    assert len(list(cover(parse_space("{input: [4], layers: [relu]}")))) == 1
    many = load_space({"input": [4], "layers": [{"linear": {"units": {"choice": list(range(1, MOST + 50))}}}]})
    assert len(list(cover(many))) == MOST


@pytest.mark.parametrize("name", ["digits_cnn", "nasbench201", "text_lstm", "vit_tiny"])
def test_ops_of_shipped_spaces(name: str) -> None:
    space = load_space(SPACES / f"{name}.yaml")
    rng = np.random.default_rng(0)

    def ops(archs: Iterable[Architecture]) -> set[type[Op | Merge]]:
        return {type(layer.op) for arch in archs for layer in arch.layers}

    assert ops(space.sample(rng) for _ in range(100)) <= ops(cover(space))
