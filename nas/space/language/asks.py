"""What the parts of a space read, so that a walk drops everything that no later part reads.

Walks that reach equal points share a state (`graph.py`). A word that is no longer read, or a decision that no later
condition refers to and no later copy shares, would keep them apart needlessly.
"""

from functools import lru_cache
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from nas.space.choice import Value


class Asks(NamedTuple):
    """What a part reads, including everything in it.

    Attributes:
        words: words of its scope.
        decisions: earlier decisions, by the names that conditions use.
        shared: prefixes of the names of shared decisions.
    """

    words: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()

    def __or__(self, other: "Asks") -> "Asks":
        """The union; `self` if it contains the other."""
        if other[0] <= self[0] and other[1] <= self[1] and other[2] <= self[2]:
            return self
        return Asks(*map(frozenset.union, self, other))

    def means(self, name: str) -> bool:
        """Whether a condition may refer to the decision with this name."""
        return not self.decisions.isdisjoint(_endings(name))

    def shares(self, name: str) -> bool:
        """Whether a copy may share the decision with this name."""
        return not self.shared.isdisjoint(_beginnings(name))


NOTHING = Asks()


@runtime_checkable
class Asking(Protocol):
    """Anything that reads something."""

    @property
    def asks(self) -> Asks: ...


Askable: TypeAlias = "Asking | Value | tuple[Askable, ...]"


def asked(*what: Askable) -> Asks:
    """Everything that these read; literals read nothing."""
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
