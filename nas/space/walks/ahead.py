"""Looking ahead on a walk: which options still lead to a member."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from nas.space.walks.graph import Edge, State


class Ahead(Protocol):
    """Limits that must be kept (`Budget`), or members that are (`Kept`).

    What is left of a walk is hashable: a budget still to be spent, or a place in the tree of members. It is None where
    all that lies behind is a member; then there is nothing to follow.
    """

    @property
    def exact(self) -> bool:
        """Whether counts are exact."""

    @property
    def whole(self) -> Any:
        """What is left of a walk before it begins."""

    def follow(self, edges: Sequence[Edge], left: Any) -> Sequence[tuple[Edge, Any]]:
        """The edges behind which some member lies, and what is left there."""

    def merge(self, lefts: Iterable[Any], most: int) -> Sequence[Any]:
        """What several walks have left at a state, told apart in `most` ways: these may do whatever those may."""

    def count(self, state: State, left: Any) -> int:
        """How many members lie behind a state."""
