"""Profiles: which states have one, and what their windows say of the walks that come there."""

from collections.abc import Callable

import numpy as np

from nas.ops import Cost
from nas.ops.op import FREE
from nas.space import parse_space
from nas.space.network.layer import total
from nas.space.walks.graph import Edge, Graph, State
from nas.space.walks.profiles import Maximum, Profiles


def test_states_that_differ_in_what_was_decided_alone_have_one_profile() -> None:
    space = parse_space(
        """
        input: [4]
        define:
          act: {share: true, choice: [relu, gelu, tanh]}
        layers: [act, {linear: {units: {choice: [2, 5]}}}, act, {linear: {units: {choice: [2, 5]}}}, act]
        """
    )
    # act; units for each act; units again for each of the six.
    assert len(space.graph.states) == 1 + 3 + 6
    profiles = Profiles(space.graph, [Maximum(0, 1, 1000)])
    assert len(profiles.all) == 1 + 1 + 1 + 2, "the end, and for units again the width before"
    (root,) = profiles.all[profiles.of[space.graph.root.state]].steps
    assert root.ways == 3


def test_what_is_below_and_what_comes_there(
    random_graph: Callable[[np.random.Generator], Graph], costs_below: Callable[[State], list[Cost]]
) -> None:
    """With bounds that nothing breaks, extremes are those of brute force; a minimum is a maximum of the negative."""

    def visit(edge: Edge, before: Cost) -> None:
        spent = total((before, edge.cost))
        came.setdefault(edge.state, []).append(spent)
        for following in edge.state.edges:
            visit(following, spent)

    for seed in range(30):
        graph = random_graph(np.random.default_rng(seed))
        profiles = Profiles(graph, [Maximum(0, 1, 1000), Maximum(1, -1, 0)])
        came: dict[State, list[Cost]] = {}
        visit(graph.root, FREE)
        of_profile: dict[int, list[Cost]] = {}
        for state, spent in came.items():
            of_profile.setdefault(profiles.of[state], []).extend(spent)
            below, profile = costs_below(state), profiles.all[profiles.of[state]]
            assert profile.low == (min(one.params for one in below), -max(one.macs for one in below))
            assert profile.high == (max(one.params for one in below), -min(one.macs for one in below))
        for number, spent in of_profile.items():
            window = profiles.windows[number]
            assert window is not None
            assert window.least == (1000 - max(one.params for one in spent), min(one.macs for one in spent))
            assert window.most == (1000 - min(one.params for one in spent), max(one.macs for one in spent))


def test_what_no_walk_can_take_is_left_out() -> None:
    space = parse_space(
        "input: [4]\nlayers: [{linear: {units: {choice: [1, 100]}}}, {linear: {units: {choice: [1, 2]}}}]"
    )
    profiles = Profiles(space.graph, [Maximum(0, 1, 50)])
    first, second = space.graph.states[0], space.graph.root.state.edges[1].state
    assert len(profiles.all[profiles.of[first]].steps) == 1
    assert profiles.of.get(second) is None, "after 100 units, no option costs less than 50"
