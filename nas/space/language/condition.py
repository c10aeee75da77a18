"""Conditions on the current shape and on earlier decisions: data that is compared, never code that is run."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeGuard

from nas.ops import Shape
from nas.space.choice import Value
from nas.space.language.asks import Asks, asked
from nas.space.language.formula import Formula

MEASURES: Mapping[str, Callable[[Shape], Value]] = {
    "size": lambda shape: max(shape[1:], default=1),
    "channels": lambda shape: shape[0],
    "flat": lambda shape: len(shape) == 1,
}
"""The measures of a shape in conditions: the longest side of its map (1 if it is flat), its first dimension, and
whether it is flat, with one dimension only."""

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}

Scope = tuple[tuple[str, Value], ...]
"""The words known to a part, such as the parameters of a definition, with their values."""


class Fact(NamedTuple):
    """A decision that some condition refers to; only conditions at `place` and below can do so."""

    name: str
    value: Value
    place: str


@dataclass(frozen=True)
class Word:
    """A word, whose value is given by the scope."""

    name: str

    @property
    def asks(self) -> Asks:
        return Asks(words=frozenset((self.name,)))


def resolve(value: Value | Word | Formula, scope: Scope) -> Value:
    """The value of a word or a formula, or the value itself. Raises ShapeError, as `Formula.value` does."""
    if isinstance(value, Word):
        return dict(scope)[value.name]
    return value.value(dict(scope)) if isinstance(value, Formula) else value


@dataclass(frozen=True)
class OneOf:
    """Whether a value is one of several."""

    values: tuple[Value | Word | Formula, ...]

    @property
    def asks(self) -> Asks:
        return asked(*self.values)

    def holds(self, value: Value, scope: Scope) -> bool:
        known = (resolve(one, scope) for one in self.values)
        # In a space file, true is not equal to 1.
        return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in known)


@dataclass(frozen=True)
class Compare:
    """Whether a number is in a relation of OPERATORS to another number; other values never are."""

    relation: str
    number: float | Word | Formula

    @property
    def asks(self) -> Asks:
        return asked(self.number)

    def holds(self, value: Value, scope: Scope) -> bool:
        number = resolve(self.number, scope)
        if not is_number(value) or not is_number(number):
            return False
        return OPERATORS[self.relation](value, number)


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class Condition:
    """Tests that must all hold, each on a measure of MEASURES, a word, or an earlier decision.

    A decision is looked up from the inside outwards: `norm` at `body.1.pool` is `body.1.pool.norm`, `body.1.norm`,
    `body.norm` or `norm`, the first that was made. If none was made, the test fails.
    """

    tests: tuple[tuple[str, OneOf | Compare], ...]

    @property
    def asks(self) -> Asks:
        subjects = frozenset(subject for subject, _ in self.tests)
        return Asks(words=subjects, decisions=subjects.difference(MEASURES)) | asked(*(test for _, test in self.tests))

    def holds(self, shape: Shape, facts: tuple[Fact, ...], scope: Scope, path: str) -> bool:
        """Whether all tests hold for the current shape and the decisions so far, as seen from `path`."""
        words = dict(scope)
        for subject, test in self.tests:
            if subject in words:
                value = words[subject]
            elif subject in MEASURES:
                value = MEASURES[subject](shape)
            else:
                fact = _look_up(subject, facts, path)
                if fact is None:
                    return False
                value = fact.value
            if not test.holds(value, scope):
                return False
        return True


def _look_up(name: str, facts: tuple[Fact, ...], path: str) -> Fact | None:
    decided = {fact.name: fact for fact in facts}
    while path:
        if (found := decided.get(f"{path}.{name}")) is not None:
            return found
        path = path.rpartition(".")[0]
    return decided.get(name)


def place_of(name: str, references: frozenset[str]) -> str | None:
    """The path below which conditions may refer to the decision `name` by these references; None if none can."""
    segments = name.split(".")
    for start in range(len(segments)):  # the longest reference first: it reaches furthest
        if ".".join(segments[start:]) in references:
            return ".".join(segments[:start])
    return None
