"""Limits: legality and counts against brute force, and what happens where exact counting is out of reach."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nas.errors import SizeUnknown, SpecError, UsageError
from nas.ops import Cost
from nas.ops.op import FREE
from nas.space import Bound, Limits, Space, load_space, parse_space
from nas.space.network.layer import total
from nas.space.walks.graph import Edge, Graph, State
from nas.space.walks.limits import Budget

UNITS = [1, 2, 3, 5, 7, 11, 13, 17]


def _many(limits: Any, *, copies: int = 6) -> Space:
    """8^copies networks of nearly as many different costs."""
    layers = [{"repeat": copies, "of": [{"linear": {"units": {"choice": UNITS}}}]}]
    return load_space({"input": [19], "layers": layers, "limits": limits})


def test_allow() -> None:
    limits = Limits({"params": Bound(10, 20), "macs": Bound(5)})
    assert limits.allow(Cost(10, 5))
    assert limits.allow(Cost(20, 10**9))
    assert not limits.allow(Cost(9, 5))
    assert not limits.allow(Cost(21, 5))
    assert not limits.allow(Cost(15, 4))
    assert Limits({}).allow(Cost(10**9, 10**9))


def test_unknown_quantities_are_refused() -> None:
    with pytest.raises(UsageError, match=r"^no limit can be set on depth; limits are \('params', 'macs'\)$"):
        Limits({"depth": Bound(0, 3)})


@pytest.mark.parametrize(
    "limits",
    [
        {"params": 300},
        {"macs": 300},
        {"params": {"min": 500}},
        {"params": {"min": 200, "max": 220}},
        {"params": 300, "macs": 240},
        {"params": {"min": 200, "max": 400}, "macs": {"min": 300}},
    ],
    ids=str,
)
def test_options_are_legal_where_something_below_them_keeps_the_limits(limits: Any) -> None:
    free, space = _many({}, copies=3), _many(limits, copies=3)
    kept = [arch.choices for arch in free if space.limits.allow(arch.cost)]
    assert 0 < len(kept) < free.size
    assert space.size == len(kept)
    for choices in kept[:: len(kept) // 8 + 1]:
        for depth, choice in enumerate(space.choices_of(space.rebuild(dict(choices)))):
            below = [one[depth][1] for one in kept if one[:depth] == choices[:depth]]
            assert choice.options == tuple(unit for unit in UNITS if unit in below)
            assert choice.weights == tuple(below.count(option) for option in choice.options)


def test_bounds_are_inclusive() -> None:
    (smallest,) = [
        arch for arch in _many({}, copies=2) if dict(arch.choices) == {"0.0.0.linear.units": 1, "0.1.0.linear.units": 1}
    ]
    assert smallest.params == 22
    assert list(_many({"params": 22}, copies=2)) == [smallest]
    assert list(_many({"params": {"min": 22, "max": 22}}, copies=2)) == [smallest]
    with pytest.raises(SpecError):
        _many({"params": 21}, copies=2).check()


@pytest.mark.parametrize(
    ("limits", "got"),
    [
        ("{params: 5}", "params from 22 to 646"),
        ("{macs: {min: 10000}}", "macs from 20 to 612"),
        ("{params: {min: 900}, macs: 700}", "params from 22 to 646, macs from 20 to 612"),
    ],
)
def test_a_space_that_nothing_is_left_of_is_refused(limits: str, got: str) -> None:
    layers = f"[{{repeat: 2, of: [{{linear: {{units: {{choice: {UNITS}}}}}}}]}}]"
    with pytest.raises(SpecError) as caught:
        parse_space(f"input: [19]\nlimits: {limits}\nlayers: {layers}", file="f").check()
    assert str(caught.value) == f"f:3:9: limits: no architecture meets the limits (got {got})"


def test_a_network_without_decisions_is_held_to_the_limits_too() -> None:
    text = "input: [4]\nlimits: {{params: {}, macs: {}}}\nlayers: [{{linear: {{units: 3}}}}]"
    assert parse_space(text.format(15, 12)).size == 1
    for params, macs in ((14, 12), (15, 11)):
        with pytest.raises(SpecError, match="no architecture meets the limits"):
            parse_space(text.format(params, macs)).check()


def test_what_is_spent_before_the_first_decision_counts() -> None:
    layers = [{"linear": {"units": 100}}, {"linear": {"units": {"choice": [1, 2, 3]}}}]
    space = load_space({"input": [4], "layers": layers, "limits": {"params": 500 + 202}})
    assert [arch.params for arch in space] == [601, 702]


def test_numbers_beyond_64_bits_are_compared_right() -> None:
    huge = 10**18
    choice = {"choice": [1, 2, huge]}
    space = load_space({"input": [4], "layers": [{"linear": {"units": choice}}] * 2, "limits": {"params": 1000}})
    assert space.size == 4
    assert {arch.params for arch in space} == {5 + 2, 5 + 4, 10 + 3, 10 + 6}
    rng = np.random.default_rng(0)
    assert all(space.sample(rng).params <= 1000 for _ in range(20))
    for limits in ({"params": 8 * huge}, {"params": {"min": 100}}):
        with pytest.raises(SpecError, match=r"limits: limits must be below 2\^62, and the costs of this space reach"):
            load_space({"input": [4], "layers": [{"linear": {"units": choice}}], "limits": limits}).check()


def test_a_maximum_beyond_all_costs_changes_nothing() -> None:
    assert _many({"params": 2**63 - 1}).size == 8**6
    assert list(_many({"params": 2**63 - 1}, copies=2)) == list(_many({}, copies=2))


def test_counts_beyond_64_bits_are_exact() -> None:
    # Two options that cost the same: 2^80 networks of each pair of costs.
    pair = {"choice": [{"linear": {"units": 1}}, [{"linear": {"units": 1}}, "relu"]]}
    layers = [{"repeat": 80, "of": [pair]}, {"linear": {"units": {"choice": [1, 5, 9]}}}]
    for limits in ({"params": 2 + 79 * 2 + 10}, {"params": 2 + 79 * 2 + 10, "macs": 10**6}):
        space = load_space({"input": [1], "layers": layers, "limits": limits})
        assert space.size == 2 * 2**80
        assert space.sample(np.random.default_rng(0)).params <= 170


@pytest.mark.parametrize(
    "limits",
    [
        {"params": 120},
        {"params": 120, "macs": 90},
        {"params": {"min": 70, "max": 130}, "macs": {"min": 40, "max": 90}},
        {"params": {"min": 100}, "macs": 120},
    ],
    ids=str,
)
def test_what_keeps_the_limits_is_drawn_uniformly(limits: dict[str, Any]) -> None:
    space = _many(limits, copies=3)
    bounds = Limits({name: Bound(**_bound(given)) for name, given in limits.items()})
    legal = [arch.choices for arch in _many({}, copies=3) if bounds.allow(arch.cost)]
    assert [arch.choices for arch in space] == legal
    assert space.size == len(legal) > 10
    rng, draws = np.random.default_rng(0), 40 * len(legal)
    counts = dict.fromkeys(legal, 0)
    for _ in range(draws):
        counts[space.outline(lambda choice: choice.draw(rng)).choices] += 1
    assert min(counts.values()) > 0
    chi_square = sum((count - 40) ** 2 / 40 for count in counts.values())
    free = len(legal) - 1
    assert abs(chi_square - free) < 4 * (2 * free) ** 0.5, "four standard deviations of the distribution"


def _bound(given: int | dict[str, int]) -> dict[str, int]:
    known = {"max": given} if isinstance(given, int) else given
    return {{"min": "least", "max": "greatest"}[key]: value for key, value in known.items()}


@pytest.fixture
def rough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts that are put together in few cells."""
    monkeypatch.setattr("nas.space.walks.counts.MAX_WORK", 100)
    monkeypatch.setattr("nas.space.walks.counts.MOST_CELLS", 64)


LIMITS: list[dict[str, Any]] = [
    {"params": 500},
    {"macs": 300},
    {"params": 250},
    {"params": 400, "macs": 350},
    {"params": {"min": 500}, "macs": 550},
    {"params": {"min": 300, "max": 350}},
]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_rounded_counts_still_keep_the_limits(limits: dict[str, Any], rough: None) -> None:
    space = _many(limits)
    rng = np.random.default_rng(0)
    arch = space.sample(rng)
    for _ in range(100):
        arch = space.cross(space.mutate(arch, rng), space.sample(rng), rng)
        assert space.limits.allow(arch.cost)
        assert space.rebuild(dict(arch.choices)) == arch


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_a_size_that_is_not_exact_is_an_estimate_with_its_error(
    limits: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    exact = _many(limits).size
    request.getfixturevalue("rough")
    space = _many(limits)
    with pytest.raises(SizeUnknown) as caught:
        _ = space.size
    found = re.fullmatch(r"too large to count under its limits; estimated (\S+) ± (\S+)", str(caught.value))
    assert found is not None
    size, error = float(found[1]), float(found[2])
    # The seed is fixed; another one fails by luck once in 10,000 (four standard errors).
    assert abs(size - exact) < 4 * error
    assert 0 < error < 0.1 * exact
    description = space.describe()
    assert description["size"] is space.counted is None
    assert description["size_note"] == str(caught.value), "the same sample"


def test_rounded_sampling_is_close_to_uniform(request: pytest.FixtureRequest) -> None:
    limits = {"params": 500, "macs": 450}
    rng = np.random.default_rng(0)
    space = _many(limits)
    exact = [space.sample(rng).params for _ in range(2000)]
    request.getfixturevalue("rough")
    space = _many(limits)
    rounded = [space.sample(rng).params for _ in range(2000)]
    # Standard deviation of each mean is about 2.
    assert np.mean(rounded) == pytest.approx(np.mean(exact), abs=10)


# Walks, costs and bounds of any shape, against all of what lies below each state.


def _random_limits(rng: np.random.Generator, costs: list[Cost]) -> Limits:
    bounds: dict[str, Bound] = {}
    for name, column in zip(Cost._fields, zip(*costs, strict=True), strict=True):
        low, high = sorted(int(one) for one in rng.choice(column, 2))
        bounds[name] = [Bound(0, high), Bound(low, high), Bound(low), Bound(low, low)][
            rng.choice(4, p=[0.5, 0.2, 0.2, 0.1])
        ]
        if rng.random() < 0.15:
            del bounds[name]
    return Limits(bounds)


@pytest.mark.parametrize("exact", [True, False])
def test_look_ahead_finds_what_brute_force_finds(
    exact: bool,
    random_graph: Callable[[np.random.Generator], Graph],
    costs_below: Callable[[State], list[Cost]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not exact:
        monkeypatch.setattr("nas.space.walks.counts.MAX_WORK", 0)
    possible = inexact = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        graph = random_graph(rng)
        limits = _random_limits(rng, [total((graph.root.cost, cost)) for cost in costs_below(graph.root.state)])
        budget = Budget(graph, limits)
        # What was spent before some options, these options, and what is left: on every walk that look-ahead allows.
        walks: list[tuple[Cost, list[Edge], Any]] = [(FREE, [graph.root], budget.whole)]
        while walks:
            spent, edges, left = walks.pop()
            branches = dict(budget.follow(edges, left))
            for edge in edges:
                after = total((spent, edge.cost))
                members = sum(limits.allow(total((after, cost))) for cost in costs_below(edge.state))
                assert (edge in branches) == (members > 0)
                if not members:
                    continue
                rest = branches[edge]
                possible += edge is graph.root
                count = budget.count(edge.state, rest)
                assert count == members if budget.exact or rest is None else count >= 1
                if rest is not None:
                    walks.append((after, edge.state.edges, rest))
        inexact += not budget.exact
    assert possible > 100
    assert (inexact > 100) != exact
