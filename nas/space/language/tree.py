"""How a walk goes through the parts of a space.

A walk is at a `Point`: what is left to do, the shape of the current value, the values put aside for a later merge, and
the decisions that something later depends on. Each part has one method, `step`, which either moves on (and says what
it added to the network) or asks a `Question`. Two walks that come to equal points have the same future, whatever they
decided before: this is what makes counting, limits and look-ahead cheap (`graph.py`). Each keyword has its parts in a
file beside this one.
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
    """What an event does to the current value and to the stack of values put aside; n is the event's `places`."""

    APPLY = auto()  # the current value goes through the op
    SAVE = auto()  # the current value is put aside as well
    LOAD = auto()  # the value put aside n-th last becomes the current one too
    STORE = auto()  # the current value takes the place of the one put aside n-th last
    DROP = auto()  # the n values put aside last are forgotten
    MERGE = auto()  # the n values put aside last and the current one are merged by the op
    CELL = auto()  # the current value goes through a cell, which is known when all is decided
    DROPOUT = auto()  # the current value goes through a dropout whose rate depends on how many there will be
    COUNT = auto()  # nothing: one dropout more is counted than there is
    COST = auto()  # nothing: a cost that was decided on for something that stands elsewhere


class Event(NamedTuple):
    """One step in building a network; `output` and `cost` are those of the op, where there is one."""

    action: Action
    op: "Op | Merge | Closed | Ramp | None" = None
    output: Shape = ()
    cost: Cost = FREE
    places: int = 0


class Closed(Protocol):
    """A cell that stands somewhere in the network."""

    @property
    def inputs(self) -> tuple[Shape, ...]: ...

    def open(self, decisions: tuple[tuple[str, Value], ...]) -> Cell:
        """What it is when all decisions are made."""


class Ramp(NamedTuple):
    """The dropouts of one sequence: the i-th of n has the rate p · i / n. `places` of their events are step numbers."""

    path: str
    p: float


@dataclass(frozen=True, eq=False, slots=True)
class Agenda:
    """What is left to do: a part, its path, the words that it reads, what it was given so far; and then the rest.

    `asks` is what all of it asks for.
    """

    part: "Part"
    path: str
    scope: Scope
    bound: tuple[Value, ...]
    rest: "Agenda | None"
    asks: Asks


class Shared(Protocol):
    """What several copies in the network have in common: they are decided together."""

    @property
    def asks(self) -> Asks: ...

    def decide(self, copies: tuple[tuple[Any, int], ...]) -> "Part":
        """The part that makes the decisions; `copies` are those that differ, and how often each of them stands."""


class Deferred(NamedTuple):
    """Copies that are decided at the end of the walk, when all of them are known."""

    path: str
    owner: Shared
    copies: tuple[tuple[Any, int], ...]


class Point(NamedTuple):
    """Where a walk is between two decisions.

    `before` is the shape that the last cell with two inputs read as its second one. `shared` holds (name, option) of
    the decisions that several copies have in common, `sharing` how many parts that share are open. `facts` are the
    decisions that conditions ask for, `deferred` the shared cells that are still to be decided.
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
        """The same point with this to do; in less time than `_replace` takes."""
        return tuple.__new__(Point, (agenda, *self[1:]))


class Moved(NamedTuple):
    """The walk went on to `point`, and the network grew by `events`."""

    point: Point
    events: tuple[Event, ...] = ()


class Question(NamedTuple):
    """A decision: its name, all of its options, and the point that each leads to (None: not allowed here).

    With `shared` it is made once for the whole network, wherever it is met.
    """

    name: str
    values: tuple[Value, ...]
    branches: tuple[Point | None, ...]
    shared: bool = False


class Push(Protocol):
    """Makes an agenda, with those words of the scope that the part reads.

    In a graph equal arguments give the same object, so that points compare quickly.
    """

    def __call__(
        self, part: "Part", path: str, rest: Agenda | None, *, scope: Scope = (), bound: tuple[Value, ...] = ()
    ) -> Agenda: ...


def new_agenda(
    part: "Part", path: str, rest: Agenda | None, *, scope: Scope = (), bound: tuple[Value, ...] = ()
) -> Agenda:
    """For a walk that is not compared with others."""
    asks = part.asks
    left = asks if rest is None else rest.asks | asks
    return Agenda(part, path, read_by(asks, scope) if scope else (), bound, rest, left)


def read_by(asks: Asks, scope: Scope) -> Scope:
    """The words that are asked for."""
    return tuple([word for word in scope if word[0] in asks.words])


@dataclass(frozen=True, eq=False)
class Part(ABC):
    """A piece of a space file."""

    mark: Mark

    @property
    @abstractmethod
    def asks(self) -> Asks:
        """What it asks for, and what is in it."""

    @abstractmethod
    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        """Goes on from `point`, whose agenda is what comes after `here`. Raises ShapeError if nothing fits."""

    def otherwise(self, point: Point, here: Agenda) -> Iterable[Point]:
        """Where a walk that looks for further mistakes goes on if `step` failed: all that may be right."""
        return (point,)


UNKNOWN = 315 << 40
"""A size that is not known, to a walk that looks for further mistakes: divisible by what sizes are divided by."""


def unknown(point: Point, ranks: Iterable[int] = (1, 2, 3)) -> Iterator[Point]:
    """The same point, and with unknown values of these ranks."""
    yield point
    for rank in ranks:
        yield point._replace(shape=(UNKNOWN,) * rank)


@dataclass(frozen=True, eq=False)
class Unclear(Part):
    """Behind a part that could not be read: any value may have come out of it, or only any sizes of the same rank."""

    ranked: bool = False

    @property
    def asks(self) -> Asks:
        return NOTHING

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        raise ShapeError("the output of this part is unknown")

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        return unknown(point, (len(point.shape),) if self.ranked else (1, 2, 3))


Block = tuple[tuple[str, Part], ...]
"""Parts in order, each with its segment of the path: its `name`, or its place in the list."""


def push_block(push: Push, block: Block, path: str, rest: Agenda | None, scope: Scope) -> Agenda | None:
    """The agenda that does the block and then the rest."""
    for segment, part in reversed(block):
        rest = push(part, join(path, segment), rest, scope=scope)
    return rest


def join(path: str, segment: str) -> str:
    """A path and one more segment of it; either may be empty."""
    return f"{path}.{segment}" if path and segment else path or segment


def no_tick() -> None:
    """For walks that cannot be long."""


def nowhere(_: str) -> None:
    """For walks in which no condition asks for a decision."""


def advance(
    point: Point,
    push: Push,
    *,
    tick: Callable[[], None] = no_tick,
    asked_at: Callable[[str], str | None] = nowhere,
) -> tuple[Point, list[Event], Question | None]:
    """Goes on to the next decision, or to the end (no question). Decisions that are shared already are followed.

    The point that is come to remembers no more than what is left to do asks for.

    Args:
        point: where the walk is.
        push: makes agendas.
        tick: called before each step; may raise to end a walk that is too long.
        asked_at: the path below which conditions may ask for the decision of this name; None: none does.

    Raises:
        Misfit: an op on the way does not fit; carries its place in the file.
    """
    events: list[Event] = []
    while True:
        here = point.agenda
        if here is None:
            if not point.deferred:
                return _recalled(point), events, None
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
            return _recalled(point), events, result
        decided = dict(point.shared).get(result.name)
        if decided is None:
            return _recalled(point), events, _shared(result)
        followed = result.branches[decided]
        if followed is None:
            message = f"{result.values[decided]!r}, shared by all copies, is not allowed"
            raise _misfit(ShapeError(message), here, point)
        point = followed


def _recalled(point: Point) -> Point:
    """The point less the decisions that nothing later asks for."""
    if not point.facts and not point.shared:
        return point
    asks = NOTHING if point.agenda is None else point.agenda.asks
    for group in point.deferred:
        asks |= group.owner.asks
    facts = tuple([fact for fact in point.facts if asks.means(fact.name)])
    shared = tuple([one for one in point.shared if asks.shares(one[0])])
    return point._replace(facts=facts, shared=shared)


def _misfit(error: ShapeError, here: Agenda, point: Point) -> "Misfit":
    """The error, which may have come from within a cell, as one of this step."""
    misfit = error if isinstance(error, Misfit) else Misfit(here.part.mark, here.path, str(error))
    misfit.stopped = here, point.doing(here.rest)
    return misfit


def _remembered(question: Question, place: str) -> Question:
    """The question, with the answer among the facts."""
    branches = (
        branch and branch._replace(facts=(*_others(branch.facts, question.name), Fact(question.name, value, place)))
        for value, branch in zip(question.values, question.branches, strict=True)
    )
    return question._replace(branches=tuple(branches))


def _others(facts: tuple[Fact, ...], name: str) -> tuple[Fact, ...]:
    """The facts of other names: copies that share a decision meet it more than once."""
    return tuple(fact for fact in facts if fact.name != name)


def _shared(question: Question) -> Question:
    """The question, with the answer among what the copies share."""
    branches = (
        branch and branch._replace(shared=(*branch.shared, (question.name, index)))
        for index, branch in enumerate(question.branches)
    )
    return question._replace(branches=tuple(branches))


class Misfit(ShapeError):
    """A ShapeError with the place of the part that raised it; `stopped`: the step of the walk, and the point behind."""

    stopped: tuple[Agenda, Point]

    def __init__(self, mark: Mark, path: str, message: str) -> None:
        super().__init__(mark, path, message)
        self.mark, self.path, self.message = mark, path, message

    def __str__(self) -> str:
        return self.message
