"""Counts: exact ones are told from rounded ones, and rounded ones neither drift nor grow."""

import math

import pytest

from nas.ops import Cost
from nas.space.walks.counts import Counts
from nas.space.walks.graph import Edge, Graph, State, finish
from nas.space.walks.profiles import Maximum, Profiles


def _chain(length: int, costs: list[Cost]) -> Graph:
    """The same options, `length` times."""
    state = State(size=1)
    states: list[State] = []
    for depth in range(length):
        edges = [Edge(value, (), cost, state) for value, cost in enumerate(costs)]
        state = State(str(depth), tuple(range(len(costs))), edges)
        finish(state)
        states.append(state)
    return Graph(Edge(None, (), Cost(0, 0), state), tuple(reversed(states)), ())


def _count(graph: Graph, *maxima: Maximum) -> tuple[int, Counts]:
    profiles = Profiles(graph, maxima)
    counts = Counts(profiles, large=graph.root.state.size >= 2**62)
    return counts.within(profiles.of[graph.root.state], tuple(one.most for one in maxima)), counts


COIN = [Cost(0, 1), Cost(3, 1), Cost(3, 1)]
"""With k of n at 3 parameters there are 2^k · C(n, k) ways."""


def _binomial(length: int, most: int) -> int:
    return sum(2**k * math.comb(length, k) for k in range(most // 3 + 1))


@pytest.mark.parametrize("length", [5, 30, 300])
def test_exact_counts(length: int) -> None:
    graph = _chain(length, COIN)
    for most in (0, length, 2 * length):
        for maxima in ([Maximum(0, 1, most)], [Maximum(0, 1, most), Maximum(1, 1, length)]):
            found, counts = _count(graph, *maxima)
            assert counts.exact
            assert found == _binomial(length, most)


def test_costs_that_no_budget_tells_apart_are_kept_once() -> None:
    graph = _chain(50, COIN)
    whole = _count(graph, Maximum(0, 1, 75))[1].entries
    assert _count(graph, Maximum(0, 1, 15))[1].entries < whole / 2
    # Both ends of a range are looked at.
    found, counts = _count(graph, Maximum(0, 1, 75), Maximum(0, -1, -75))
    assert found == 2**25 * math.comb(50, 25)
    assert counts.exact


@pytest.mark.parametrize(("length", "cells"), [(40, 20), (100, 70), (500, 300)])
def test_rounded_counts_do_not_drift(length: int, cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs of a fraction of a cell add up; counts may be beyond the range of floats."""
    monkeypatch.setattr("nas.space.walks.counts.MAX_WORK", 0)
    monkeypatch.setattr("nas.space.walks.counts.MOST_CELLS", cells)
    graph = _chain(length, COIN)
    for most in (3 * length // 2, 2 * length, 5 * length // 2):
        found, counts = _count(graph, Maximum(0, 1, most), Maximum(1, 1, length))
        assert not counts.exact
        assert counts.entries <= cells * length + 1
        assert math.log(found) == pytest.approx(math.log(_binomial(length, most)), abs=0.5)


def test_cells_are_fewer_where_there_are_more_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.space.walks.counts.MAX_ENTRIES", 100)
    monkeypatch.setattr("nas.space.walks.counts.ROUGH_WORK", 6_000)
    graph = _chain(100, [Cost(7, 40), Cost(11, 23), Cost(29, 3)])
    _, counts = _count(graph, Maximum(0, 1, 1500), Maximum(1, 1, 2500))
    assert not counts.exact
    assert counts.entries <= 100 * 6_000 / 300 + 1


def test_a_budget_between_the_means_of_cells_is_worth_half_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.space.walks.counts.MAX_WORK", 0)
    monkeypatch.setattr("nas.space.walks.counts.MOST_CELLS", 2)
    monkeypatch.setattr("nas.space.walks.counts.FEWEST_CELLS", 2)
    below = _chain(1, [Cost(cost, 0) for cost in (0, 10, 20, 30, 160, 170, 180, 190)])
    # One walk comes with all of 199 left, another one with nothing.
    edges = [Edge(0, (), Cost(0, 0), below.root.state), Edge(1, (), Cost(199, 0), below.root.state)]
    root = State("root", (0, 1), edges)
    finish(root)
    maximum = Maximum(0, 1, 199)
    profiles = Profiles(Graph(Edge(None, (), Cost(0, 0), root), (root, *below.states), ()), [maximum])
    counts = Counts(profiles, large=False)
    number = profiles.of[below.root.state]
    assert [counts.within(number, (budget,)) for budget in (199, 175, 174, 15, 14)] == [8, 8, 4, 4, 2]
