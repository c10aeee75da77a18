"""Fronts: few costs are enough, and where they are not, limits are refused before any walk."""

import pytest

from nas.errors import SpecError
from nas.space import Space, load_space
from nas.space.walks.fronts import Fronts
from nas.space.walks.profiles import Maximum, Profiles

WIDTHS = [3, 5, 8, 13, 21, 34]


def _space(copies: int, **limits: object) -> Space:
    layers = [{"repeat": copies, "of": [{"linear": {"units": {"choice": WIDTHS}}}, {"choice": ["relu", "gelu"]}]}]
    return load_space({"input": [10], "layers": layers, "limits": limits})


def _points(space: Space, *maxima: Maximum) -> list[int]:
    """How many costs each profile has."""
    fronts = Fronts(Profiles(space.graph, maxima))
    return [1 if points is None else len(points) for points in fronts.points]


def test_where_the_cheapest_is_cheapest_in_everything_one_cost_is_enough() -> None:
    assert set(_points(_space(30), Maximum(0, 1, 20_000), Maximum(1, 1, 20_000))) == {1}


def test_between_a_minimum_and_a_maximum_two_costs_for_each_width_are_enough() -> None:
    space = _space(30)
    low, high = space.graph.root.state.low.params, space.graph.root.state.high.params
    for width in (2000, 6000):
        most = (low + high) // 2
        found = _points(space, Maximum(0, 1, most), Maximum(0, -1, width - most))
        assert 2 < max(found) <= 2 * (high - low) / width + 4
    assert space.size == 12**30


def test_what_can_be_traded_has_a_front() -> None:
    """Many parameters and few MACs: for each number of parameters the fewest MACs, and nothing else."""
    found = _points(_space(6), Maximum(0, -1, -1500), Maximum(1, 1, 2000))
    assert 1 < max(found) < 300


def test_limits_that_take_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.space.walks.fronts.MAX_WORK", 500)
    with pytest.raises(SpecError, match="limits: there are too many trade-offs between these limits"):
        _space(6, params={"min": 1500}, macs=2000).check()
    _space(6, params=2000, macs=2000).check()
    monkeypatch.undo()
    monkeypatch.setattr("nas.space.walks.fronts.MAX_POINTS", 10)
    with pytest.raises(SpecError, match="too many trade-offs"):
        _space(6, params={"min": 1500}, macs=2000).check()
