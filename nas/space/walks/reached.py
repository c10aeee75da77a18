"""The options that some architecture takes.

Shapes, conditions or limits may rule out an option of the file everywhere.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from nas.space.choice import Value
from nas.space.walks.ahead import Ahead
from nas.space.walks.graph import Graph, State

MOST = 32
"""The maximum number of distinct budgets per state..."""

MAX_WORK = 200_000
"""...reduced if there would be more edges to follow than this (about a second)."""


def reached(graph: Graph, ahead: Ahead | None, left: Any) -> Mapping[str, set[Value]]:
    """The options of each decision that some member takes; `left` is what is left at the first decision.

    If walks reach a state with too many different budgets, options that no member takes may be included. No option that
    a member takes is missing.
    """
    found: defaultdict[str, set[Value]] = defaultdict(set)
    if ahead is None:
        for state in graph.states:
            found[state.name].update(edge.value for edge in state.edges)
        return found
    most = min(MOST, max(1, MAX_WORK // max(1, sum(len(state.edges) for state in graph.states))))
    lefts: defaultdict[State, set[Any]] = defaultdict(set)
    lefts[graph.root.state].add(left)
    for state in graph.states:
        for one in ahead.merge(lefts.pop(state, ()), most):
            followed = [(edge, None) for edge in state.edges] if one is None else ahead.follow(state.edges, one)
            found[state.name].update(edge.value for edge, _ in followed)
            for edge, rest in followed:
                lefts[edge.state].add(rest)
    return found
