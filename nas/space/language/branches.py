"""`parallel: [...]` and `residual: [...]`: parallel branches and their merge."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from nas.errors import ShapeError
from nas.ops import Concat, Conv, Merge, Op, Shape
from nas.ops.op import show_shape
from nas.space.language.asks import Asks, asked
from nas.space.language.forgetting import push_forgotten
from nas.space.language.tree import Action, Agenda, Block, Event, Moved, Part, Point, Push, join, unknown


@dataclass(frozen=True, eq=False)
class BranchesPart(Part):
    """`parallel: [...]`: branches that read the current value, and the merge of their outputs.

    In `residual: [...]`, the first branch is the value itself (He et al. 2016, eq. 1). With `project: true`, branches
    that do not fit the last one are projected by a 1×1 convolution without bias, strided if their map is larger (eq. 2,
    option B of §4.1).

    For cells with two inputs, each branch continues the network before it, and after the merge the last branch counts.
    """

    branches: tuple[tuple[str, Block], ...]
    merge: Merge
    project: bool
    forgets: bool

    @property
    def asks(self) -> Asks:
        return self.asks_from[0]

    @cached_property
    def asks_from(self) -> tuple[Asks, ...]:
        """What the branches read from each branch on, and after the last one."""
        return tuple(asked(self.branches[number:]) for number in range(len(self.branches) + 1))

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        first = push(_Branch(self.mark, self, 0, point.before), here.path, point.agenda, scope=here.scope)
        return Moved(point._replace(agenda=first, saved=(*point.saved, point.shape)), (Event(Action.SAVE),))


@dataclass(frozen=True)
class _Branch(Part):
    """The start of the branch with this number, which is the end of the previous one."""

    parent: BranchesPart
    number: int
    before: Shape | None

    @property
    def asks(self) -> Asks:
        return self.parent.asks_from[self.number]

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        parent, number = self.parent, self.number
        if number == len(parent.branches):
            return self._merge(point)
        events: tuple[Event, ...] = ()
        if number:
            events = Event(Action.SAVE), Event(Action.LOAD, places=number + 1)
            start = point.saved[-number]
            point = point._replace(shape=start, saved=(*point.saved, point.shape), before=self.before)
        segment, body = parent.branches[number]
        following = _Branch(self.mark, parent, number + 1, self.before)
        rest = push(following, here.path, point.agenda, scope=here.scope)
        agenda = push_forgotten(parent, push, body, join(here.path, segment), rest, here.scope)
        return Moved(point.doing(agenda), events)

    def _merge(self, point: Point) -> Moved:
        """Merges the top of the stack and the current value; below the branches on the stack is their common input."""
        merge, others = self.parent.merge, len(self.parent.branches) - 1
        saved = list(point.saved)
        events: list[Event] = []
        for depth in range(others, 0, -1):
            source = saved[-depth]
            target = _target(merge, source, point.shape)
            if self.parent.project and source != target:
                op = _projection(source, target)
                saved[-depth] = op.shape(source)
                events += [
                    Event(Action.SAVE),
                    Event(Action.LOAD, places=depth + 1),
                    Event(Action.APPLY, op, saved[-depth], op.cost(source)),
                    Event(Action.STORE, places=depth + 1),
                    Event(Action.LOAD, places=1),
                    Event(Action.DROP, places=1),
                ]
        shape = merge.shape([*saved[len(saved) - others :], point.shape])
        events += [Event(Action.MERGE, merge, shape, places=others), Event(Action.DROP, places=1)]
        return Moved(point._replace(shape=shape, saved=tuple(saved[: len(saved) - others - 1])), tuple(events))

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        """Continues with the output of the last branch."""
        left = point.saved[: len(point.saved) - len(self.parent.branches)]
        merged = point._replace(saved=left)
        return unknown(merged, (len(point.shape),))


def _target(merge: Merge, source: Shape, last: Shape) -> Shape:
    """The shape that a value must have to be merged with a value of shape `last`."""
    return (source[0], *last[1:]) if isinstance(merge, Concat) else last


@lru_cache(maxsize=1024)  # an op caches its normal forms
def _projection(source: Shape, target: Shape) -> Op:
    """The 1×1 convolution from one shape to another, with the stride s for which ceil(n / s) fits."""
    if len(source) != len(target) or len(source) not in (2, 3):
        raise ShapeError(
            f"no projection leads from {show_shape(source)} to {show_shape(target)}: only maps of channels have one"
        )
    stride = -(-source[1] // target[1])
    return Conv(target[0], kernel=1, stride=stride, bias=False)
