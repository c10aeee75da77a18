"""Decisions that only conditions within a part can refer to are dropped at its end, so that walks meet again."""

from dataclasses import dataclass
from typing import Protocol

from nas.errors import Mark
from nas.space.language.asks import NOTHING, Asks
from nas.space.language.condition import Fact, Scope
from nas.space.language.tree import Agenda, Block, Moved, Part, Point, Push, push_block


class Forgetting(Protocol):
    """A part that may drop decisions: `forgets` says whether any condition in the file refers to decisions."""

    @property
    def mark(self) -> Mark: ...
    @property
    def forgets(self) -> bool: ...


def push_forgotten(
    part: Forgetting, push: Push, block: Block, path: str, rest: Agenda | None, scope: Scope
) -> Agenda | None:
    """The agenda that processes the block, drops what only its conditions can refer to, and continues with the rest."""
    if part.forgets and block:
        rest = push(Forget(part.mark), path, rest)
    return push_block(push, block, path, rest, scope)


@dataclass(frozen=True)
class Forget(Part):
    """Drops the decisions that only conditions within its path can refer to."""

    @property
    def asks(self) -> Asks:
        return NOTHING

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        return Moved(point._replace(facts=tuple(fact for fact in point.facts if not self._within(fact, here.path))))

    def _within(self, fact: Fact, path: str) -> bool:
        return fact.place == path or fact.place.startswith(f"{path}.")
