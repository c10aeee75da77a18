"""What only conditions within a part could ask for is forgotten behind it, so that walks meet again."""

from dataclasses import dataclass
from typing import Protocol

from nas.errors import Mark
from nas.space.language.asks import NOTHING, Asks
from nas.space.language.condition import Fact, Scope
from nas.space.language.tree import Agenda, Block, Moved, Part, Point, Push, push_block


class Forgetting(Protocol):
    @property
    def mark(self) -> Mark: ...
    @property
    def forgets(self) -> bool: ...


def push_forgotten(
    part: Forgetting, push: Push, block: Block, path: str, rest: Agenda | None, scope: Scope
) -> Agenda | None:
    """The agenda that does the block, forgets what only it could ask for, and then does the rest."""
    if part.forgets and block:
        rest = push(Forget(part.mark), path, rest)
    return push_block(push, block, path, rest, scope)


@dataclass(frozen=True)
class Forget(Part):
    """What only conditions within its path could ask for is forgotten."""

    @property
    def asks(self) -> Asks:
        return NOTHING

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        return Moved(point._replace(facts=tuple(fact for fact in point.facts if not self._within(fact, here.path))))

    def _within(self, fact: Fact, path: str) -> bool:
        return fact.place == path or fact.place.startswith(f"{path}.")
