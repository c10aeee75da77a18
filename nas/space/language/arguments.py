"""Arguments: literals, words, arithmetic, and choices of values."""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.errors import ShapeError
from nas.ops import Shape
from nas.ops.op import show_shape
from nas.space.choice import Value
from nas.space.language.asks import Asks, asked
from nas.space.language.condition import MEASURES, Scope, Word, is_number
from nas.space.language.formula import Formula
from nas.space.language.tree import Agenda, Part, Point, Push, Question, join


@dataclass(frozen=True)
class Values:
    """A choice of values.

    Attributes:
        options: the values.
        labels: their labels in decisions, if they have any.
        name: name of the decision, if it is shared by the whole network.
        at_least, at_most: bounds: numbers, measures of the current shape, words, or arithmetic on these.
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
        """Whether an option is within the bounds at this shape."""
        return (self.at_least is None or _number(option) >= _bound(self.at_least, shape, scope)) and (
            self.at_most is None or _number(option) <= _bound(self.at_most, shape, scope)
        )


Argument = Value | Values | Word | Formula


def _bound(bound: str | float | Formula, shape: Shape, scope: Scope) -> float:
    """The value of a bound; words take precedence over measures, as in conditions."""
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
    """The values of the arguments, in order; or the question about the first undecided argument."""
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
