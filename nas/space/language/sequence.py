"""`sequence`: a grammar of layers, as in the spaces of MetaQNN (Baker et al. 2017, §4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from nas.errors import ShapeError
from nas.ops.op import show_shape
from nas.space.language.asks import NOTHING, Asks, asked
from nas.space.language.condition import Condition, Scope
from nas.space.language.forgetting import Forget
from nas.space.language.tree import (
    Action,
    Agenda,
    Block,
    Event,
    Moved,
    Part,
    Point,
    Push,
    Question,
    Ramp,
    join,
    push_block,
    unknown,
)

START = "start"
END = "end"


@dataclass(frozen=True, eq=False)
class Step:
    """A possible step of a sequence.

    Attributes:
        name: its name in the file.
        body: its layers.
        after: the steps that it may follow, with START for the beginning; None: any.
        most: how often it may be taken; None: any number of times.
        when: condition under which it may be taken.
        last: whether it ends the sequence.
    """

    name: str
    body: Block
    after: tuple[str, ...] | None
    most: int | None
    when: Condition | None
    last: bool

    @property
    def asks(self) -> Asks:
        return asked(self.body, self.when)


@dataclass(frozen=True)
class Dropouts:
    """Dropouts between the steps: the i-th of n has the rate p · i / n (MetaQNN has p = 1/2).

    Attributes:
        p: rate of the last dropout.
        every: each step whose number this divides is followed by a dropout; 0: none is for this reason.
        after: steps that are always followed by a dropout.
        without: steps that are never followed by a dropout.
        beyond: n counts one more if another step of the same kind would be followed by a dropout, as in the published
            code of MetaQNN.
    """

    p: float
    every: int
    after: tuple[str, ...]
    without: tuple[str, ...]
    beyond: bool

    def follows(self, step: str, number: int) -> bool:
        """Whether a dropout follows this step; the first step has number 1."""
        regular = self.every > 0 and number % self.every == 0
        return step not in self.without and (regular or step in self.after)


@dataclass(frozen=True, eq=False)
class SequencePart(Part):
    """`sequence: {...}`: a sequence of steps, each of which is chosen from those allowed.

    `least` and `most` bound the number of steps, without steps that are `last`. The `bound` of its agenda: the number
    of steps so far, the last step, and how often each step with a `most` was taken.
    """

    steps: tuple[Step, ...]
    least: int
    most: int
    dropout: Dropouts | None
    forgets: bool

    @cached_property
    def asks(self) -> Asks:
        return asked(*self.steps)

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        taken, previous, *counts = here.bound or (0, START, *(0 for step in self.steps if step.most is not None))
        assert isinstance(taken, int)  # noqa: S101  bound below
        ends = any(step.last for step in self.steps)
        if taken == self.most and not ends:
            return Moved(point)
        path = join(here.path, str(taken))
        values: list[str] = []
        branches: list[Point | None] = []
        limited = [step.name for step in self.steps if step.most is not None]
        used = dict(zip(limited, counts, strict=True))
        for step in self.steps:
            values.append(step.name)
            if not self._allows(step, taken, previous, used, point, here.scope, path):
                branches.append(None)
                continue
            after = {**used, step.name: int(used[step.name] or 0) + 1} if step.most is not None else used
            rest = point.agenda
            if not step.last:
                rest = push(self, here.path, rest, scope=here.scope, bound=(taken + 1, step.name, *after.values()))
            rest = self._with_dropout(step, taken, previous, rest, here, push)
            if self.forgets:
                rest = push(Forget(self.mark), path, rest)
            agenda = push_block(push, step.body, join(path, step.name), rest, here.scope)
            branches.append(point.doing(agenda))
        if not ends:
            values.append(END)
            branches.append(point if taken >= self.least else None)
        if not any(branches):
            raise ShapeError(f"no step is allowed after {previous} at {show_shape(point.shape)}")
        return Question(path, tuple(values), tuple(branches))

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        return unknown(point)

    def _with_dropout(
        self, step: Step, taken: int, previous: object, rest: Agenda | None, here: Agenda, push: Push
    ) -> Agenda | None:
        """`rest`, preceded by the dropout after a step, if any."""
        dropout = self.dropout
        if dropout is None:
            return rest
        if not step.last and dropout.follows(step.name, taken + 1):
            return push(_Dropout(self.mark, dropout.p, taken + 1), here.path, rest)
        if step.last and dropout.beyond and dropout.follows(str(previous), taken + 1):
            return push(_Dropout(self.mark, dropout.p, taken + 1, counted_only=True), here.path, rest)
        return rest

    def _allows(
        self,
        step: Step,
        taken: int,
        previous: object,
        used: Mapping[str, object],
        point: Point,
        scope: Scope,
        path: str,
    ) -> bool:
        if taken < self.least if step.last else taken == self.most:
            return False
        if step.after is not None and previous not in step.after:
            return False
        if step.most is not None and used[step.name] == step.most:
            return False
        return step.when is None or step.when.holds(point.shape, point.facts, scope, path)


@dataclass(frozen=True)
class _Dropout(Part):
    p: float
    number: int
    counted_only: bool = False

    @property
    def asks(self) -> Asks:
        return NOTHING

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        action = Action.COUNT if self.counted_only else Action.DROPOUT
        return Moved(point, (Event(action, Ramp(here.path, self.p), point.shape, places=self.number),))
