"""What the parts of a space ask for, so that a walk forgets what nothing later asks for.

Walks that come to equal points share a state (`graph.py`). A word whose readers are all behind, or a decision that no
later condition means and no later copy shares, would keep them apart for nothing.
"""

from functools import lru_cache
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from nas.space.choice import Value


class Asks(NamedTuple):
    """What a part asks for, and all that is in it.

    Attributes:
        words: of its scope.
        decisions: earlier ones, by the names under which conditions mean them.
        shared: beginnings of the names of decisions that are made once for several copies.
    """

    words: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()

    def __or__(self, other: "Asks") -> "Asks":
        """All that either asks for; `self` where that asks for as much."""
        if other[0] <= self[0] and other[1] <= self[1] and other[2] <= self[2]:
            return self
        return Asks(*map(frozenset.union, self, other))

    def means(self, name: str) -> bool:
        """Whether a condition may mean the decision of this name."""
        return not self.decisions.isdisjoint(_endings(name))

    def shares(self, name: str) -> bool:
        """Whether a copy may share the decision of this name."""
        return not self.shared.isdisjoint(_beginnings(name))


NOTHING = Asks()


@runtime_checkable
class Asking(Protocol):
    """Whatever asks for something."""

    @property
    def asks(self) -> Asks: ...


Askable: TypeAlias = "Asking | Value | tuple[Askable, ...]"


def asked(*what: Askable) -> Asks:
    """What these ask for, together; plain values ask for nothing."""
    found = NOTHING
    for one in what:
        if isinstance(one, tuple):
            found |= asked(*one)
        elif isinstance(one, Asking):
            found |= one.asks
    return found


@lru_cache(maxsize=4096)
def _endings(name: str) -> tuple[str, ...]:
    """`a.b.c`, `b.c` and `c`."""
    segments = name.split(".")
    return tuple(".".join(segments[start:]) for start in range(len(segments)))


@lru_cache(maxsize=4096)
def _beginnings(name: str) -> tuple[str, ...]:
    """`a`, `a.b` and `a.b.c`."""
    segments = name.split(".")
    return tuple(".".join(segments[: end + 1]) for end in range(len(segments)))
