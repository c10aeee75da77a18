"""Look-ahead: which options still lead to a member."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from nas.space.walks.graph import Edge, State


class Ahead(Protocol):
    """Look-ahead for limits (`Budget`) or for kept members (`Kept`).

    `left` is what remains of a walk: the remaining budget, or a position in the tree of members. It is hashable, and
    None if all completions are members, in which case there is nothing to follow.
    """

    @property
    def exact(self) -> bool:
        """Whether counts are exact."""

    @property
    def whole(self) -> Any:
        """`left` at the start of a walk."""

    def follow(self, edges: Sequence[Edge], left: Any) -> Sequence[tuple[Edge, Any]]:
        """The edges that lead to some member, with what is left after each."""

    def merge(self, lefts: Iterable[Any], most: int) -> Sequence[Any]:
        """What several walks have left at a state, reduced to `most` values that together allow at least as much."""

    def count(self, state: State, left: Any) -> int:
        """The number of members below a state."""
