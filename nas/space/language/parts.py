"""The parts of a space: what each keyword of the language does when a walk comes to it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cached_property, lru_cache
from math import prod
from typing import Protocol

from nas.errors import Mark, ShapeError
from nas.ops import Concat, Conv, Merge, Op, Shape
from nas.ops.op import show_shape
from nas.space.choice import Value
from nas.space.language.asks import NOTHING, Asks, asked
from nas.space.language.condition import MEASURES, Condition, Fact, Scope, Word, is_number, resolve
from nas.space.language.formula import Formula
from nas.space.language.tree import (
    UNKNOWN,
    Action,
    Agenda,
    Block,
    Event,
    Moved,
    Part,
    Point,
    Push,
    Question,
    join,
    push_block,
    unknown,
)


@dataclass(frozen=True)
class Values:
    """A choice between plain values.

    Attributes:
        options: the values.
        labels: what the decision calls them, if not by themselves.
        name: of one that is made once for the whole network.
        at_least, at_most: numbers, measures of the shape so far, words, or arithmetic on these.
    """

    options: tuple[Value, ...]
    labels: tuple[str, ...] = ()
    name: str = ""
    at_least: "str | float | Formula | None" = None
    at_most: "str | float | Formula | None" = None

    @property
    def asks(self) -> Asks:
        words = frozenset(bound for bound in (self.at_least, self.at_most) if isinstance(bound, str))
        shared = frozenset((self.name,) if self.name else ())
        return Asks(words=words, shared=shared) | asked(self.at_least, self.at_most)

    def allows(self, option: Value, shape: Shape, scope: Scope = ()) -> bool:
        """Whether an option lies within the bounds at this shape."""
        return (self.at_least is None or _number(option) >= _bound(self.at_least, shape, scope)) and (
            self.at_most is None or _number(option) <= _bound(self.at_most, shape, scope)
        )


Argument = Value | Values | Word | Formula


def _bound(bound: str | float | Formula, shape: Shape, scope: Scope) -> float:
    """The number that a bound is; words go before measures, as in conditions."""
    if isinstance(bound, str):
        return _number({**{name: measure(shape) for name, measure in MEASURES.items()}, **dict(scope)}[bound])
    if isinstance(bound, Formula):
        return bound.value({**{name: measure(shape) for name, measure in MEASURES.items()}, **dict(scope)})
    return bound


def _number(value: Value) -> float:
    assert is_number(value)  # noqa: S101  the loader admits nothing else
    return value


def settle(
    part: Part, arguments: Sequence[tuple[str, Argument]], point: Point, here: Agenda, push: Push, path: str
) -> tuple[Value, ...] | Question:
    """The values of the arguments, in order; or the question about the first that is still to be decided."""
    bound = here.bound
    left = arguments[len(bound) :]
    if not left:
        return bound
    words = dict(here.scope)
    for name, value in left:
        if isinstance(value, Values):
            branches = tuple(
                [
                    point.doing(push(part, here.path, point.agenda, scope=here.scope, bound=(*bound, option)))
                    if value.allows(option, point.shape, here.scope)
                    else None
                    for option in value.options
                ]
            )
            if not any(branches):
                raise ShapeError(f"no option of {name} is allowed after {show_shape(point.shape)}")
            options = value.labels or value.options
            return Question(value.name or join(path, name), options, branches, shared=bool(value.name))
        if isinstance(value, Word):
            bound += (words[value.name],)
        else:
            bound += (value.value(words) if isinstance(value, Formula) else value,)
    return bound


@dataclass(frozen=True, eq=False)
class LayerPart(Part):
    """`op: {arguments}`; arguments that are choices are decided in the order in which they are written.

    One that is `doubtful` could not be read as it is: what it does not fit is no mistake of its own.
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
        """The op applied to a value; nothing where it does nothing."""
        op = self.made.get(settled)
        if op is None:
            names = (name for name, _ in self.arguments)
            op = self.made[settled] = self.op(**dict(zip(names, settled, strict=True)))
        shape = op.shape(input)
        return () if op.is_identity(input) else (Event(Action.APPLY, op, shape, op.cost(input)),)

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        """What the op gives with one argument at its default, or else for any other input; as if it were not there."""
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
    """What ops make of inputs, where they fit."""
    for op, input in tries:
        with suppress(ShapeError):
            yield op.shape(input)


@dataclass(frozen=True, eq=False)
class GroupPart(Part):
    """`layers: [...]`, and any part with `when`: the layers, left out where the condition does not hold.

    `forgets` as in `RepeatPart`, here and in what follows.
    """

    body: Block
    when: Condition | None
    forgets: bool

    @cached_property
    def asks(self) -> Asks:
        return asked(self.body, self.when)

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        if self.when is not None and not self.when.holds(point.shape, point.facts, here.scope, here.path):
            return Moved(point)
        return Moved(point.doing(_push_forgotten(self, push, self.body, here.path, point.agenda, here.scope)))


@dataclass(frozen=True, eq=False)
class Option:
    """An option of a choice: its label, its segment of the path, its layers, and where it is offered."""

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
                _push_forgotten(self, push, option.body, join(here.path, option.segment), point.agenda, here.scope)
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


@dataclass(frozen=True, eq=False)
class RepeatPart(Part):
    """`repeat: N` ... `of: [...]`: N copies in a row; with `share: true` the first one decides for all.

    `forgets` says that conditions of the file ask for decisions: what no later one can ask for is then forgotten.
    """

    times: Argument
    body: Block
    share: bool
    forgets: bool

    @cached_property
    def asks(self) -> Asks:
        return asked(self.times, self.body)

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        settled = settle(self, [("repeat", self.times)], point, here, push, here.path)
        if isinstance(settled, Question):
            return settled
        (times,) = settled
        assert isinstance(times, int)  # noqa: S101  the loader admits nothing else
        agenda = point.agenda
        if self.share:
            if self.forgets:
                agenda = push(Forget(self.mark), here.path, agenda)
            if times > 1:
                agenda = push(_EndOfSharing(self.mark, here.path), here.path, agenda)
                point = point._replace(sharing=point.sharing + 1)
            for _ in range(times):
                agenda = push_block(push, self.body, here.path, agenda, here.scope)
            return Moved(point.doing(agenda))
        for copy in reversed(range(times)):
            path = join(here.path, str(copy))
            agenda = _push_forgotten(self, push, self.body, path, agenda, here.scope)
        return Moved(point.doing(agenda))

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        return unknown(point)


class _Forgetting(Protocol):
    @property
    def mark(self) -> Mark: ...
    @property
    def forgets(self) -> bool: ...


def _push_forgotten(
    part: _Forgetting, push: Push, block: Block, path: str, rest: Agenda | None, scope: Scope
) -> Agenda | None:
    """The agenda that does the block, forgets what only it could ask for, and then does the rest."""
    if part.forgets and block:
        rest = push(Forget(part.mark), path, rest)
    return push_block(push, block, path, rest, scope)


# The parts below are made anew on each walk: equal ones must be one, or walks never meet again.


@dataclass(frozen=True)
class _EndOfSharing(Part):
    """Behind copies that share what they decide: until then, whatever is decided `within` this path is shared."""

    within: str

    @property
    def asks(self) -> Asks:
        return Asks(shared=frozenset((self.within,)))

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        return Moved(point._replace(sharing=point.sharing - 1))


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
        return Moved(point.doing(_push_forgotten(self, push, self.body, path, point.agenda, scope)))

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
        agenda = _push_forgotten(parent, push, body, join(here.path, segment), rest, here.scope)
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
