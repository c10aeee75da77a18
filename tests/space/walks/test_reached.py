"""Which options some architecture takes, against all walks."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nas.ops import Cost
from nas.space import Bound, Limits, load_space, parse_space
from nas.space.choice import Value
from nas.space.network.layer import total
from nas.space.walks.graph import Graph, State
from nas.space.walks.limits import Budget
from nas.space.walks.reached import reached

SPACES = Path(__file__).parents[3] / "search_spaces"


def _taken(graph: Graph, limits: Limits) -> set[tuple[str, Value]]:
    """What is decided on all walks that keep the limits."""
    found: set[tuple[str, Value]] = set()

    def walk(state: State, spent: Cost, decided: tuple[tuple[str, Value], ...]) -> None:
        if not state.name and limits.allow(spent):
            found.update(decided)
        for edge in state.edges:
            walk(edge.state, total((spent, edge.cost)), (*decided, (state.name, edge.value)))

    walk(graph.root.state, graph.root.cost, ())
    return found


@pytest.mark.parametrize("most", [1, 1000])
def test_options_that_a_walk_within_limits_takes(
    most: int, random_graph: Callable[[np.random.Generator], Graph], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nas.space.walks.reached.MOST", most)
    exact = unreached = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        graph = random_graph(rng)
        lows, highs = graph.root.state.low, graph.root.state.high
        bounds = {}
        for name, base, low, high in zip(Cost._fields, graph.root.cost, lows, highs, strict=True):
            least, greatest = sorted(map(int, rng.integers(low, high + 1, 2) + base))
            bounds[name] = Bound(least if rng.random() < 0.3 else 0, greatest)
        limits = Limits(bounds)
        budget = Budget(graph, limits)
        start = budget.follow([graph.root], budget.whole)
        if not start:
            continue
        found = reached(graph, budget, start[0][1])
        got = {(name, value) for name, values in found.items() for value in values}
        taken = _taken(graph, limits)
        assert got >= taken
        exact += got == taken
        unreached += len({(state.name, edge.value) for state in graph.states for edge in state.edges} - taken)
        assert most == 1 or got == taken
    assert exact > 50
    assert unreached > 100


def test_shapes_and_conditions_rule_options_out() -> None:
    space = parse_space(
        """
        input: [1, 4, 4]
        layers:
          - name: pools
            repeat: 3
            of: [{name: pool, choice: [identity, max_pool, {max_pool: {kernel: 5}}]}]
          - {name: last, choice: [relu, {layers: [gelu], when: {size: "> 4"}}]}
        """
    )
    assert space.universe["last"] == ("relu", "gelu")
    assert space.reached["last"] == ("relu",)
    assert [space.reached[f"pools.{copy}.pool"] for copy in range(3)] == [("identity", "max_pool")] * 3


def test_members_that_are_kept_take_their_options() -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: 2, of: [{choice: [relu, gelu, silu]}]}]")
    kept = space.keep([(("0.0.0", "relu"), ("0.1.0", "gelu")), (("0.0.0", "silu"), ("0.1.0", "gelu"))])
    assert kept.reached == {"0.0.0": ("relu", "silu"), "0.1.0": ("gelu",)}


def test_limits_leave_nothing_behind_an_option() -> None:
    space = load_space(SPACES / "digits_cnn.yaml")
    assert space.without_limits().reached == space.universe
    smallest = replace(space, limits=Limits({"params": Bound(0, 400)}))
    assert smallest.reached["body.0.0.conv.width"] == (16,)
    assert smallest.reached["body.1.0.conv.width"] == ()
