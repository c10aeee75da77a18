"""The parts of a space: what each keyword of the language does when a walk comes to it.

A walk is at a `Point`: what is left to do, the shape of the current value, the values put aside for a later merge, and
the decisions that later copies will repeat. Each part has one method, `step`, which either moves on (and says what it
added to the network) or asks a `Question`. Two walks that come to equal points have the same future, whatever they
decided before: this is what makes counting, limits and look-ahead cheap (`graph.py`).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from nas.errors import Mark, ShapeError
from nas.ops import Add, Conv, Cost, Merge, Op, Shape
from nas.ops.op import FREE
from nas.space.architecture import Value


class Action(Enum):
    """What an event does to the current value and to the stack of values put aside."""

    APPLY = auto()  # the current value goes through the op
    SAVE = auto()  # the current value is put aside as well
    SWAP = auto()  # the current value and the one put aside last change places
    MERGE = auto()  # the value put aside last and the current one are merged by the op


class Event(NamedTuple):
    """One step in building a network; `output` and `cost` are those of the op, where there is one."""

    action: Action
    op: Op | Merge | None = None
    output: Shape = ()
    cost: Cost = FREE


@dataclass(frozen=True, eq=False, slots=True)
class Agenda:
    """What is left to do: a part, its path, the arguments that it has been given so far, and then the rest."""

    part: "Part"
    path: str
    bound: tuple[Value, ...]
    rest: "Agenda | None"


class Point(NamedTuple):
    """Where a walk is between two decisions.

    `shared` holds (name, option) of the decisions that the copies of a `share: true` repeat have in common, `sharing`
    how many such repeats are open.
    """

    agenda: Agenda | None
    shape: Shape
    saved: tuple[Shape, ...] = ()
    shared: tuple[tuple[str, int], ...] = ()
    sharing: int = 0


class Moved(NamedTuple):
    """The walk went on to `point`, and the network grew by `events`."""

    point: Point
    events: tuple[Event, ...] = ()


class Question(NamedTuple):
    """A decision: its name, all of its options, and the point that each of them leads to."""

    name: str
    values: tuple[Value, ...]
    branches: tuple[Point, ...]


Push = Callable[["Part", str, tuple[Value, ...], Agenda | None], Agenda]
"""Makes an agenda; equal arguments give the same object, so that points compare quickly."""


@dataclass(frozen=True, eq=False)
class Part(ABC):
    """A piece of a space file."""

    mark: Mark

    @abstractmethod
    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        """Goes on from `point`, whose agenda is what comes after `here`. Raises ShapeError if nothing fits."""


Block = tuple[tuple[str, Part], ...]
"""Parts in order, each with its segment of the path: its `name`, or its place in the list."""


@dataclass(frozen=True, eq=False)
class Values:
    """A choice between plain values, as an argument of an op or the number of a repeat."""

    options: tuple[Value, ...]


@dataclass(frozen=True, eq=False)
class LayerPart(Part):
    """`op: {arguments}`; arguments that are choices are decided in the order in which they are written."""

    op: type[Op]
    arguments: tuple[tuple[str, Value | Values], ...]
    made: dict[tuple[Value, ...], Op] = field(default_factory=dict)

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        bound = list(here.bound)
        for name, value in self.arguments[len(bound) :]:
            if isinstance(value, Values):
                return Question(
                    f"{here.path}.{self.op.name}.{name}",
                    value.options,
                    tuple(
                        point._replace(agenda=push(self, here.path, (*bound, option), point.agenda))
                        for option in value.options
                    ),
                )
            bound.append(value)
        op = self._make(tuple(bound))
        return _apply(point, op)

    def _make(self, bound: tuple[Value, ...]) -> Op:
        if bound not in self.made:
            names = (name for name, _ in self.arguments)
            self.made[bound] = self.op(**dict(zip(names, bound, strict=True)))
        return self.made[bound]


@dataclass(frozen=True, eq=False)
class ChoicePart(Part):
    """`choice: [...]` between lists of layers. Each option: its label, its segment of the path, its layers."""

    options: tuple[tuple[str, str, Block], ...]

    def step(self, point: Point, here: Agenda, push: Push) -> Question:
        return Question(
            here.path,
            tuple(label for label, _, _ in self.options),
            tuple(
                point._replace(agenda=_push_block(push, block, join(here.path, segment), point.agenda))
                for _, segment, block in self.options
            ),
        )


@dataclass(frozen=True, eq=False)
class RepeatPart(Part):
    """`repeat: N` ... `of: [...]`: N copies in a row; with `share: true` the first one decides for all."""

    times: int | Values
    body: Block
    share: bool

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        if isinstance(self.times, Values) and not here.bound:
            return Question(
                f"{here.path}.repeat",
                self.times.options,
                tuple(
                    point._replace(agenda=push(self, here.path, (option,), point.agenda))
                    for option in self.times.options
                ),
            )
        times = here.bound[0] if here.bound else self.times
        assert isinstance(times, int)  # noqa: S101  the loader admits nothing else
        agenda = point.agenda
        if self.share and times > 1:
            agenda = push(_EndOfSharing(self.mark), here.path, (), agenda)
            point = point._replace(sharing=point.sharing + 1)
        for copy in reversed(range(times)):
            agenda = _push_block(push, self.body, here.path if self.share else join(here.path, str(copy)), agenda)
        return Moved(point._replace(agenda=agenda))


@dataclass(frozen=True)  # made anew on each walk: equal ones must be one, or walks never meet again
class _EndOfSharing(Part):
    """What the copies of a shared repeat decided is forgotten, unless an outer one still needs it."""

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        sharing = point.sharing - 1
        return Moved(point._replace(sharing=sharing, shared=point.shared if sharing else ()))


@dataclass(frozen=True, eq=False)
class ResidualPart(Part):
    """`residual: [...]`: the layers, and their input added to what they give (He et al. 2016, eq. 1).

    With `project: true` an input of another shape goes through a 1×1 convolution without bias first, strided where
    the layers made the map smaller (eq. 2, option B of §4.1).
    """

    body: Block
    project: bool

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        agenda = push(_EndOfResidual(self.mark, self.project), here.path, (), point.agenda)
        agenda_of_body = _push_block(push, self.body, here.path, agenda)
        moved = point._replace(agenda=agenda_of_body, saved=(*point.saved, point.shape))
        return Moved(moved, (Event(Action.SAVE),))


@dataclass(frozen=True)  # made anew on each walk: equal ones must be one, or walks never meet again
class _EndOfResidual(Part):
    project: bool

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        shortcut, *_ = point.saved[-1:]
        events: tuple[Event, ...] = ()
        if self.project and shortcut != point.shape:
            op = _projection(shortcut, point.shape)
            shortcut = op.shape(shortcut)
            apply = Event(Action.APPLY, op, shortcut, op.cost(point.saved[-1]))
            events = (Event(Action.SWAP), apply, Event(Action.SWAP))
        add = Add()
        shape = add.shape([shortcut, point.shape])
        merge = Event(Action.MERGE, add, shape)
        return Moved(point._replace(shape=shape, saved=point.saved[:-1]), (*events, merge))


def _projection(source: Shape, target: Shape) -> Op:
    """The 1×1 convolution from one shape to another: its stride s is the one for which ceil(n / s) fits."""
    if len(source) != len(target) or len(source) not in (2, 3):
        raise ShapeError(f"residual cannot project {source} to {target}: only maps of channels can be projected")
    stride = -(-source[1] // target[1])
    return Conv(target[0], kernel=1, stride=stride, bias=False)


def _apply(point: Point, op: Op) -> Moved:
    shape = op.shape(point.shape)
    moved = point._replace(shape=shape)
    if op.is_identity(point.shape):
        return Moved(moved)
    return Moved(moved, (Event(Action.APPLY, op, shape, op.cost(point.shape)),))


def _push_block(push: Push, block: Block, path: str, agenda: Agenda | None) -> Agenda | None:
    for segment, part in reversed(block):
        agenda = push(part, join(path, segment), (), agenda)
    return agenda


def join(path: str, segment: str) -> str:
    """A path and one more segment of it; either may be empty."""
    return ".".join(filter(None, (path, segment)))


def advance(point: Point, push: Push, tick: Callable[[], None]) -> tuple[Point, list[Event], Question | None]:
    """Goes on to the next decision, or to the end (no question). Decisions that are shared already are followed.

    `tick` is called before each step, and may raise to end a walk that is too long.

    Raises:
        Misfit: an op on the way does not fit; carries its place in the file.
    """
    events: list[Event] = []
    while (here := point.agenda) is not None:
        tick()
        try:
            result = here.part.step(point._replace(agenda=here.rest), here, push)
        except ShapeError as error:
            raise Misfit(here.part.mark, here.path, str(error)) from error
        if isinstance(result, Moved):
            point = result.point
            events += result.events
            continue
        if not point.sharing:
            return point, events, result
        decided = dict(point.shared)
        if result.name not in decided:
            branches = tuple(
                branch._replace(shared=(*branch.shared, (result.name, index)))
                for index, branch in enumerate(result.branches)
            )
            return point, events, result._replace(branches=branches)
        point = result.branches[decided[result.name]]
    return point, events, None


class Misfit(ShapeError):
    """A ShapeError with the place of the part that raised it."""

    def __init__(self, mark: Mark, path: str, message: str) -> None:
        super().__init__(mark, path, message)
        self.mark, self.path, self.message = mark, path, message

    def __str__(self) -> str:
        return self.message
