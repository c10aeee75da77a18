"""`parallel: [...]` and `residual: [...]`: branches side by side, and what merges them."""

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
    """`parallel: [...]`: branches that all read the current value, and what they give merged into one.

    `residual: [...]` has the value itself as its first branch (He et al. 2016, eq. 1). With `project: true` branches
    that do not fit the last one go through a 1×1 convolution without bias first, strided where their map is larger
    (eq. 2, option B of §4.1).

    To a cell with two inputs each branch is as the network before it, and behind the merge the last branch counts.
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
        """What the branches ask for from the one of each number on, and behind the last."""
        return tuple(asked(self.branches[number:]) for number in range(len(self.branches) + 1))

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        first = push(_Branch(self.mark, self, 0, point.before), here.path, point.agenda, scope=here.scope)
        return Moved(point._replace(agenda=first, saved=(*point.saved, point.shape)), (Event(Action.SAVE),))


@dataclass(frozen=True)
class _Branch(Part):
    """Where the branch of this number begins, and the one before it, if any, has come to its end."""

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
        """The branches are the values put aside last and the current one; below them lies what they all read."""
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
        """What the last branch gives."""
        left = point.saved[: len(point.saved) - len(self.parent.branches)]
        merged = point._replace(saved=left)
        return unknown(merged, (len(point.shape),))


def _target(merge: Merge, source: Shape, last: Shape) -> Shape:
    """The shape that a value must have to be merged with one of the shape `last`."""
    return (source[0], *last[1:]) if isinstance(merge, Concat) else last


@lru_cache(maxsize=1024)  # an op remembers its normal forms
def _projection(source: Shape, target: Shape) -> Op:
    """The 1×1 convolution from one shape to another: its stride s is the one for which ceil(n / s) fits."""
    if len(source) != len(target) or len(source) not in (2, 3):
        raise ShapeError(
            f"no projection leads from {show_shape(source)} to {show_shape(target)}: only maps of channels have one"
        )
    stride = -(-source[1] // target[1])
    return Conv(target[0], kernel=1, stride=stride, bias=False)
