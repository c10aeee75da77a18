"""The choices of a walk, with their legal options."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nas.errors import UsageError
from nas.space.choice import Choice, Choices, Value
from nas.space.walks.ahead import Ahead
from nas.space.walks.graph import Edge, State

MAX_OFFERS = 10_000
"""The maximum number of cached choices, which bounds the memory of long searches."""


class Branch(NamedTuple):
    """An option: its edge, what is left after it (None: everything is allowed), and the recorded decision."""

    edge: Edge
    left: Any
    decided: tuple[str, Value]


@dataclass(frozen=True)
class Offer:
    """A choice, with its options in order."""

    choice: Choice
    branches: tuple[Branch, ...]

    def take(self, value: Value) -> Branch:
        """The branch of an option. Raises UsageError if `value` is not an option."""
        for branch in self.branches:
            if branch.decided[1] == value:
                return branch
        options = ", ".join(map(repr, self.choice.options))
        raise UsageError(f"{self.choice.name}: {value!r} is not an option here; the options are {options}")

    def draw(self, rng: np.random.Generator) -> Branch:
        """A random branch, as in `Choice.draw`."""
        return self.branches[self.choice.draw_index(rng)]


class Offers:
    """Walks through a graph from choice to choice.

    Args:
        root: the edge to the first decision.
        ahead: which options still lead to a member; None: all do.

    Attributes:
        start: what is left at the first decision.
    """

    def __init__(self, root: Edge, ahead: Ahead | None) -> None:
        self.start: Any = None if ahead is None else ahead.follow([root], ahead.whole)[0][1]
        self._root, self._ahead = root, ahead
        self._known: dict[tuple[State, Any], Offer] = {}

    def walk(self, step: Callable[[Offer], Branch]) -> tuple[Choices, list[Edge]]:
        """The decisions of a walk, and its edges, including the one to the first decision."""
        edge, left, known = self._root, self.start, self._known
        decided: list[tuple[str, Value]] = []
        edges = [edge]
        while (state := edge.state).name:
            edge, left, made = step(known.get((state, left)) or self._make(state, left))
            decided.append(made)
            edges.append(edge)
        return tuple(decided), edges

    def _make(self, state: State, left: Any) -> Offer:
        """The choice at a state; `left` is None if all completions are members."""
        if len(self._known) >= MAX_OFFERS:
            self._known.clear()
        ahead, name = self._ahead, state.name
        if left is None or ahead is None:
            branches = tuple([Branch(edge, None, (name, edge.value)) for edge in state.edges])

            def weigh() -> tuple[int, ...]:
                return tuple([edge.state.size for edge, _, _ in branches])
        else:
            followed = ahead.follow(state.edges, left)
            branches = tuple([Branch(edge, rest, (name, edge.value)) for edge, rest in followed])

            def weigh() -> tuple[int, ...]:
                known: dict[tuple[State, Any], int] = {}  # layers without parameters often lead to one state
                for edge, rest, _ in branches:
                    if (edge.state, rest) not in known:
                        known[edge.state, rest] = ahead.count(edge.state, rest)
                return tuple([known[edge.state, rest] for edge, rest, _ in branches])

        offer = Offer(Choice(name, tuple([value for _, _, (_, value) in branches]), weigh), branches)
        self._known[state, left] = offer
        return offer
