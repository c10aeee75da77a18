"""Which options some architecture takes.

A file may offer what shapes and conditions rule out wherever it is met, and limits may leave nothing behind it.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from nas.space.choice import Value
from nas.space.walks.ahead import Ahead
from nas.space.walks.graph import Graph, State

MOST = 32
"""Of what walks have left at a state, this much is told apart at the most..."""

MAX_WORK = 200_000
"""...and less where that would be over so many edges to follow (about a second)."""


def reached(graph: Graph, ahead: Ahead | None, left: Any) -> Mapping[str, set[Value]]:
    """The options of each decision that some member takes, `left` being what walks have left at the first decision.

    Where walks with different things left come to one state in too many ways to tell them apart, some options may be
    among these that no member takes; no option that one takes is ever missing.
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
