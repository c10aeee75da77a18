"""`choice: [...]` between lists of layers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from nas.errors import ShapeError
from nas.ops.op import show_shape
from nas.space.language.asks import Asks, asked
from nas.space.language.condition import Condition
from nas.space.language.forgetting import push_forgotten
from nas.space.language.tree import Agenda, Block, Part, Point, Push, Question, join, unknown


@dataclass(frozen=True, eq=False)
class Option:
    """An option of a choice: its label, its segment of the path, its layers, and its condition."""

    label: str
    segment: str
    body: Block
    when: Condition | None

    @property
    def asks(self) -> Asks:
        return asked(self.body, self.when)


@dataclass(frozen=True, eq=False)
class ChoicePart(Part):
    """`choice: [...]` between lists of layers."""

    options: tuple[Option, ...]
    forgets: bool

    @cached_property
    def asks(self) -> Asks:
        return asked(self.options)

    def step(self, point: Point, here: Agenda, push: Push) -> Question:
        branches = tuple(
            point.doing(
                push_forgotten(self, push, option.body, join(here.path, option.segment), point.agenda, here.scope)
            )
            if option.when is None or option.when.holds(point.shape, point.facts, here.scope, here.path)
            else None
            for option in self.options
        )
        if not any(branches):
            raise ShapeError(f"no option of the choice is allowed after {show_shape(point.shape)}")
        return Question(here.path, tuple(option.label for option in self.options), branches)

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        return unknown(point)
