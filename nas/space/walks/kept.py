"""A space restricted to some of its members.

Spaces such as MetaQNN's have 10²⁰ members, a thousand of which are in a published table. The decisions of the kept
members form a tree, which a walk descends. It has the interface of limits (`limits.py`): a position in the tree takes
the place of the remaining budget.
"""

from collections.abc import Collection, Iterable, Sequence

from nas.errors import UsageError
from nas.space.choice import Choices, Value
from nas.space.walks.graph import Edge, Graph, State


class Place:
    """A node of the tree: the next decision, the child of each option, and the number of members below."""

    __slots__ = ("below", "name", "size")

    def __init__(self, name: str) -> None:
        self.name = name
        self.below: dict[Value, Place] = {}
        self.size = 0


class Kept:
    """The tree of the kept members."""

    exact = True

    def __init__(self, graph: Graph, members: Collection[Choices]) -> None:
        self._root = Place(graph.root.state.name)
        for choices in members:
            place = self._root
            place.size += 1
            for number, (name, value) in enumerate(choices):
                if place.name != name:
                    raise UsageError(f"a member decides {name} where others decide {place.name or 'nothing more'}")
                following = choices[number + 1][0] if number + 1 < len(choices) else ""
                known = place.below.get(value)
                if known is None:
                    known = place.below[value] = Place(following)
                place = known
                place.size += 1
            if place.name:
                raise UsageError(f"a member ends where others decide {place.name}")
        if not self._root.size:
            raise UsageError("no member is kept")

    @property
    def whole(self) -> Place:
        """Above the first decision: the edge to it has the value None."""
        above = Place("")
        above.below[None] = self._root
        return above

    def follow(self, edges: Sequence[Edge], left: Place) -> list[tuple[Edge, Place]]:
        """The edges that some member takes, with their places in the tree."""
        found: list[tuple[Edge, Place]] = []
        for edge in edges:
            following = left.below.get(edge.value)
            if following is None:
                continue
            if following.name != edge.state.name:
                asked = following.name or "nothing"
                raise UsageError(f"a member decides {asked} where the space asks {edge.state.name}")
            found.append((edge, following))
        return found

    def merge(self, lefts: Iterable[Place], most: int) -> Sequence[Place]:
        """All of them: there are no more places than decisions of members."""
        return list(lefts)

    def count(self, state: State, left: Place) -> int:
        """The number of members below a place."""
        return left.size
