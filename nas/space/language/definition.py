"""Uses of definitions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from nas.space.language.arguments import Argument, settle
from nas.space.language.asks import NOTHING, Asks, asked
from nas.space.language.forgetting import push_forgotten
from nas.space.language.tree import Agenda, Block, Moved, Part, Point, Push, Question, join, unknown


@dataclass(frozen=True, eq=False)
class UsePart(Part):
    """A use of a definition: its parameters are decided, then its layers follow, with the parameters in scope."""

    name: str
    parameters: tuple[tuple[str, Argument], ...]
    body: Block
    forgets: bool

    @cached_property
    def asks(self) -> Asks:
        return asked(self.parameters) | asked(self.body)._replace(words=frozenset())

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        path = join(here.path, self.name)
        settled = settle(self, self.parameters, point, here, push, path)
        if isinstance(settled, Question):
            return settled
        scope = tuple(zip((name for name, _ in self.parameters), settled, strict=True))
        return Moved(point.doing(push_forgotten(self, push, self.body, path, point.agenda, scope)))

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        return unknown(point)


@dataclass(frozen=True, eq=False)
class SharedPart(Part):
    """A use of a shared definition: its path is the name of the definition, so that it is decided once."""

    use: UsePart

    @cached_property
    def asks(self) -> Asks:
        return Asks(shared=frozenset((self.use.name,))) | self.use.asks

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        rest = push(_EndOfUse(self.mark), "", point.agenda)
        return Moved(point._replace(agenda=push(self.use, "", rest, scope=here.scope), sharing=point.sharing + 1))


@dataclass(frozen=True)
class _EndOfUse(Part):
    """The end of a use of a shared definition. Its decisions are remembered while other uses may follow."""

    @property
    def asks(self) -> Asks:
        return NOTHING

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        return Moved(point._replace(sharing=point.sharing - 1))
