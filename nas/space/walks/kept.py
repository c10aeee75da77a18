"""Some members of a space as a space: what a walk may still decide so that it ends at one of them.

Spaces such as MetaQNN's have 10²⁰ members, of which a published table knows a thousand. The members that are kept make
a tree of their decisions, and a walk goes down in it. It does for a walk what limits do (`limits.py`), by the same
three methods; the place in the tree stands for what is left to spend.
"""

from collections.abc import Collection, Iterable, Sequence

from nas.errors import UsageError
from nas.space.choice import Choices, Value
from nas.space.walks.graph import Edge, Graph, State


class Place:
    """A place in the tree: what is decided next, the places behind each option, and how many members they hold."""

    __slots__ = ("below", "name", "size")

    def __init__(self, name: str) -> None:
        self.name = name
        self.below: dict[Value, Place] = {}
        self.size = 0


class Kept:
    """The tree of the members that are kept."""

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
        """Above the first decision: the root of a graph has the value None."""
        above = Place("")
        above.below[None] = self._root
        return above

    def follow(self, edges: Sequence[Edge], left: Place) -> list[tuple[Edge, Place]]:
        """The edges that some member takes, and the place behind each."""
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
        """How many members lie behind a place."""
        return left.size
