"""`op: {arguments}`: one layer."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cached_property
from math import prod

from nas.errors import ShapeError
from nas.ops import Op, Shape
from nas.space.choice import Value
from nas.space.language.arguments import Argument, Values, settle
from nas.space.language.asks import Asks, asked
from nas.space.language.condition import resolve
from nas.space.language.tree import UNKNOWN, Action, Agenda, Event, Moved, Part, Point, Push, Question, join


@dataclass(frozen=True, eq=False)
class LayerPart(Part):
    """`op: {arguments}`; choices in arguments are decided in the order of the file.

    If it is `doubtful`, it could not be fully read, so that not fitting is not a separate mistake.
    """

    op: type[Op]
    arguments: tuple[tuple[str, Argument], ...]
    doubtful: bool = False
    made: dict[tuple[Value, ...], Op] = field(default_factory=dict)
    applied: dict[tuple[tuple[Value, ...], Shape], tuple[Event, ...]] = field(default_factory=dict)

    @cached_property
    def asks(self) -> Asks:
        return asked(self.arguments)

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        settled = settle(self, self.arguments, point, here, push, join(here.path, self.op.name))
        if isinstance(settled, Question):
            return settled
        events = self.applied.get((settled, point.shape))
        if events is None:
            events = self.applied[settled, point.shape] = self._apply(settled, point.shape)
        return Moved(point._replace(shape=events[0].output), events) if events else Moved(point)

    def _apply(self, settled: tuple[Value, ...], input: Shape) -> tuple[Event, ...]:
        """The application of the op to a value; empty if it is the identity."""
        op = self.made.get(settled)
        if op is None:
            names = (name for name, _ in self.arguments)
            op = self.made[settled] = self.op(**dict(zip(names, settled, strict=True)))
        shape = op.shape(input)
        return () if op.is_identity(input) else (Event(Action.APPLY, op, shape, op.cost(input)),)

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        """Continues with the output for default arguments or for other inputs, and as if the layer were missing."""
        given = dict(zip((name for name, _ in self.arguments), here.bound, strict=False))
        for name, value in self.arguments[len(given) :]:
            given[name] = value.options[0] if isinstance(value, Values) else resolve(value, here.scope)
        op = self.op(**given)
        mended = [replace(op, **{item.name: item.default}) for item in fields(op) if item.default is not MISSING]
        inputs = [(prod(point.shape),), *((point.shape[0], *(UNKNOWN,) * rank) for rank in range(3))]
        inputs += [(UNKNOWN,) * rank for rank in (1, 2, 3)]
        fits = list(_outputs((one, point.shape) for one in mended))[:1] or _outputs((op, input) for input in inputs)
        for shape in dict.fromkeys((*fits, point.shape)):
            yield point._replace(shape=shape)


def _outputs(tries: Iterable[tuple[Op, Shape]]) -> Iterator[Shape]:
    """The output shapes of ops on inputs that they fit."""
    for op, input in tries:
        with suppress(ShapeError):
            yield op.shape(input)
