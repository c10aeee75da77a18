"""Walks through the parts of a space.

A walk is at a `Point`: the remaining parts, the shape of the current value, the values stored for later merges, and the
decisions that later parts depend on. Each part has one method, `step`, which either moves on (with what it adds to the
network) or asks a `Question`. Two walks at equal points have the same future, whatever they decided before, which makes
counting, limits and look-ahead cheap (`graph.py`). The parts of each keyword have a file in this folder.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol

from nas.errors import Mark, ShapeError
from nas.ops import Cost, Merge, Op, Shape
from nas.ops.op import FREE
from nas.space.choice import Value
from nas.space.language.asks import NOTHING, Asks
from nas.space.language.condition import Fact, Scope
from nas.space.network.cell import Cell


class Action(Enum):
    """The effect of an event on the current value and on the stack of stored values; n is the `places` of the event."""

    APPLY = auto()  # apply the op to the current value
    SAVE = auto()  # push the current value
    LOAD = auto()  # copy the n-th value from the top into the current value
    STORE = auto()  # replace the n-th value from the top by the current value
    DROP = auto()  # pop n values
    MERGE = auto()  # merge the top n values and the current value by the op
    CELL = auto()  # apply a cell, which is known once everything is decided
    DROPOUT = auto()  # apply a dropout whose rate depends on the number of dropouts
    COUNT = auto()  # none: counts a dropout that does not exist
    COST = auto()  # none: the cost of a decision about something elsewhere


class Event(NamedTuple):
    """One step in building a network; `output` and `cost` are those of the op, if any."""

    action: Action
    op: "Op | Merge | Closed | Ramp | None" = None
    output: Shape = ()
    cost: Cost = FREE
    places: int = 0


class Closed(Protocol):
    """A cell at a place in the network."""

    @property
    def inputs(self) -> tuple[Shape, ...]: ...

    def open(self, decisions: tuple[tuple[str, Value], ...]) -> Cell:
        """The cell, given all decisions."""


class Ramp(NamedTuple):
    """The dropouts of one sequence: the i-th of n has the rate p · i / n. `places` of their events are step numbers."""

    path: str
    p: float


@dataclass(frozen=True, eq=False, slots=True)
class Agenda:
    """What remains to be done: a part, with its path, its words and its decided arguments, followed by the rest.

    `asks` is what all of it reads.
    """

    part: "Part"
    path: str
    scope: Scope
    bound: tuple[Value, ...]
    rest: "Agenda | None"
    asks: Asks


class Shared(Protocol):
    """The common owner of copies in the network that share their decisions."""

    @property
    def asks(self) -> Asks: ...

    def decide(self, copies: tuple[tuple[Any, int], ...]) -> "Part":
        """The part that makes the decisions; `copies` are the distinct copies, with how often each occurs."""


class Deferred(NamedTuple):
    """Copies that are decided at the end of the walk, when all copies are known."""

    path: str
    owner: Shared
    copies: tuple[tuple[Any, int], ...]


class Point(NamedTuple):
    """The position of a walk between two decisions.

    `before` is the shape of the second input of the last cell with two inputs. `shared` holds (name, option) of shared
    decisions, and `sharing` is the number of open parts that share. `facts` are the decisions that conditions refer to,
    and `deferred` the shared cells that are still to be decided.
    """

    agenda: Agenda | None
    shape: Shape
    saved: tuple[Shape, ...] = ()
    before: Shape | None = None
    shared: tuple[tuple[str, int], ...] = ()
    sharing: int = 0
    facts: tuple[Fact, ...] = ()
    deferred: tuple[Deferred, ...] = ()

    def doing(self, agenda: Agenda | None) -> "Point":
        """The same point with another agenda; faster than `_replace`."""
        return tuple.__new__(Point, (agenda, *self[1:]))


class Moved(NamedTuple):
    """The walk moved to `point`, and `events` were added to the network."""

    point: Point
    events: tuple[Event, ...] = ()


class Question(NamedTuple):
    """A decision: its name, all its options, and the point that each leads to (None: not allowed here).

    If `shared`, it is made once for the whole network.
    """

    name: str
    values: tuple[Value, ...]
    branches: tuple[Point | None, ...]
    shared: bool = False


class Push(Protocol):
    """Creates an agenda, with the words of the scope that the part reads.

    In a graph, equal arguments give the same object, so that points compare quickly.
    """

    def __call__(
        self, part: "Part", path: str, rest: Agenda | None, *, scope: Scope = (), bound: tuple[Value, ...] = ()
    ) -> Agenda: ...


def new_agenda(
    part: "Part", path: str, rest: Agenda | None, *, scope: Scope = (), bound: tuple[Value, ...] = ()
) -> Agenda:
    """For a walk that is not compared with other walks."""
    asks = part.asks
    left = asks if rest is None else rest.asks | asks
    return Agenda(part, path, read_by(asks, scope) if scope else (), bound, rest, left)


def read_by(asks: Asks, scope: Scope) -> Scope:
    """The words that are read."""
    return tuple([word for word in scope if word[0] in asks.words])


@dataclass(frozen=True, eq=False)
class Part(ABC):
    """An element of a space file.

    Parts that are created during a walk compare by value; otherwise walks would never meet again.
    """

    mark: Mark

    @property
    @abstractmethod
    def asks(self) -> Asks:
        """What it reads, including everything in it."""

    @abstractmethod
    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        """Continues from `point`, whose agenda is what follows `here`. Raises ShapeError if nothing fits."""

    def otherwise(self, point: Point, here: Agenda) -> Iterable[Point]:
        """Where a search for further mistakes continues if `step` failed: all points that may be right."""
        return (point,)


UNKNOWN = 315 << 40
"""An unknown size in a search for further mistakes: divisible by all the usual divisors."""


def unknown(point: Point, ranks: Iterable[int] = (1, 2, 3)) -> Iterator[Point]:
    """The same point, and the point with unknown values of these ranks."""
    yield point
    for rank in ranks:
        yield point._replace(shape=(UNKNOWN,) * rank)


@dataclass(frozen=True, eq=False)
class Unclear(Part):
    """Follows a part that could not be read, whose output is unknown; if `ranked`, its rank is known."""

    ranked: bool = False

    @property
    def asks(self) -> Asks:
        return NOTHING

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        raise ShapeError("the output of this part is unknown")

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        return unknown(point, (len(point.shape),) if self.ranked else (1, 2, 3))


Block = tuple[tuple[str, Part], ...]
"""Parts in sequence, each with its segment of the path: its `name` or its index."""


def push_block(push: Push, block: Block, path: str, rest: Agenda | None, scope: Scope) -> Agenda | None:
    """The agenda that processes the block, then the rest."""
    for segment, part in reversed(block):
        rest = push(part, join(path, segment), rest, scope=scope)
    return rest


def join(path: str, segment: str) -> str:
    """A path with a segment appended; either may be empty."""
    return f"{path}.{segment}" if path and segment else path or segment


def no_tick() -> None:
    """For short walks."""


def nowhere(_: str) -> None:
    """For walks in which no condition refers to a decision."""


def advance(
    point: Point,
    push: Push,
    *,
    tick: Callable[[], None] = no_tick,
    asked_at: Callable[[str], str | None] = nowhere,
) -> tuple[Point, list[Event], Question | None]:
    """Advances to the next decision, or to the end (no question). Shared decisions that were made are followed.

    The point at the end remembers only what its agenda reads.

    Args:
        point: the current position.
        push: creates agendas.
        tick: called before each step; may raise to end a walk that is too long.
        asked_at: the path below which conditions may refer to the decision with this name; None: none does.

    Raises:
        Misfit: an op on the way does not fit; carries its position in the file.
    """
    events: list[Event] = []
    while True:
        here = point.agenda
        if here is None:
            if not point.deferred:
                return read_later(point), events, None
            (path, owner, copies), *others = point.deferred
            point = point._replace(agenda=push(owner.decide(copies), path, None), deferred=tuple(others))
            continue
        tick()
        try:
            result = here.part.step(point.doing(here.rest), here, push)
        except ShapeError as error:
            raise _misfit(error, here, point) from error
        if isinstance(result, Moved):
            point = result.point
            events += result.events
            continue
        place = asked_at(result.name)
        if place is not None:
            result = _remembered(result, place)
        if not point.sharing and not result.shared:
            return read_later(point), events, result
        decided = dict(point.shared).get(result.name)
        if decided is None:
            return read_later(point), events, _shared(result)
        followed = result.branches[decided]
        if followed is None:
            message = f"{result.values[decided]!r}, shared by all copies, is not allowed"
            raise _misfit(ShapeError(message), here, point)
        point = followed


def read_later(point: Point) -> Point:
    """The point without the decisions that no later part reads."""
    if not point.facts and not point.shared:
        return point
    asks = NOTHING if point.agenda is None else point.agenda.asks
    for group in point.deferred:
        asks |= group.owner.asks
    facts = tuple([fact for fact in point.facts if asks.means(fact.name)])
    shared = tuple([one for one in point.shared if asks.shares(one[0])])
    return point._replace(facts=facts, shared=shared)


def _misfit(error: ShapeError, here: Agenda, point: Point) -> "Misfit":
    """The error, which may originate within a cell, as a misfit of this step."""
    misfit = error if isinstance(error, Misfit) else Misfit(here.part.mark, here.path, str(error))
    misfit.stopped = here, point.doing(here.rest)
    return misfit


def _remembered(question: Question, place: str) -> Question:
    """The question, with each answer added to the facts."""
    branches = (
        branch and branch._replace(facts=(*_others(branch.facts, question.name), Fact(question.name, value, place)))
        for value, branch in zip(question.values, question.branches, strict=True)
    )
    return question._replace(branches=tuple(branches))


def _others(facts: tuple[Fact, ...], name: str) -> tuple[Fact, ...]:
    """The facts with other names, since copies that share a decision meet it repeatedly."""
    return tuple(fact for fact in facts if fact.name != name)


def _shared(question: Question) -> Question:
    """The question, with each answer added to the shared decisions."""
    branches = (
        branch and branch._replace(shared=(*branch.shared, (question.name, index)))
        for index, branch in enumerate(question.branches)
    )
    return question._replace(branches=tuple(branches))


class Misfit(ShapeError):
    """A ShapeError with the position of its part; `stopped`: the agenda of the failed step, and the point after it."""

    stopped: tuple[Agenda, Point]

    def __init__(self, mark: Mark, path: str, message: str) -> None:
        super().__init__(mark, path, message)
        self.mark, self.path, self.message = mark, path, message

    def __str__(self) -> str:
        return self.message
