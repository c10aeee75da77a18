"""Definitions, in the places where they are used."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from nas.space.language.arguments import Argument, settle
from nas.space.language.asks import NOTHING, Asks, asked
from nas.space.language.forgetting import push_forgotten
from nas.space.language.tree import Agenda, Block, Moved, Part, Point, Push, Question, join, unknown


@dataclass(frozen=True, eq=False)
class UsePart(Part):
    """A definition, used: its parameters are settled, then its layers follow with these in their scope."""

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
    """A definition that is decided once, since the path of every use of it is the name of the definition."""

    use: UsePart

    @cached_property
    def asks(self) -> Asks:
        return Asks(shared=frozenset((self.use.name,))) | self.use.asks

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        rest = push(_EndOfUse(self.mark), "", point.agenda)
        return Moved(point._replace(agenda=push(self.use, "", rest, scope=here.scope), sharing=point.sharing + 1))


@dataclass(frozen=True)
class _EndOfUse(Part):
    """Behind a definition that is decided once. What was decided stays known while another use may follow."""

    @property
    def asks(self) -> Asks:
        return NOTHING

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        return Moved(point._replace(sharing=point.sharing - 1))
