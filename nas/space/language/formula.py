"""Arithmetic on words: `n - 1`, `2 * width`, `max(width // 4, 8)`; data that is evaluated, never code that is run."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from nas.document import MAX_INTEGER, MAX_NAME
from nas.errors import ShapeError
from nas.space.language.asks import Asks

MAX_DEPTH = 20
"""The maximum depth of nested parentheses and signs."""

Number = int | float

OPERATIONS: Mapping[str, Callable[[Any, Any], Number]] = MappingProxyType(
    {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "//": operator.floordiv,
        "%": operator.mod,
    }
)
FUNCTIONS: Mapping[str, Callable[..., Number]] = MappingProxyType({"min": min, "max": max})
SIGNS = f"{', '.join(OPERATIONS)}, {' and '.join(FUNCTIONS)}"

NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
TEXT = r"(?=[^-+*/%(]*[-+*/%(])[-+(A-Za-z0-9_.][-+*/%(),.\sA-Za-z0-9_]*"
"""A pattern of arithmetic for editors; not everything that matches is valid."""

_TOKEN = re.compile(rf"\s*({NUMBER.pattern}|[A-Za-z_][A-Za-z0-9_]*|//|[-+*/%(),])")


class NoNumber(ValueError):
    """Arithmetic without a result: division by zero, a word that is not a number, or a number that is too large."""


class Operation(NamedTuple):
    """An operation of OPERATIONS or FUNCTIONS on numbers, words and other operations."""

    name: str
    operands: "tuple[Operation | Number | str, ...]"


Tree = Operation | Number | str


@dataclass(frozen=True)
class Formula:
    """Parsed arithmetic.

    Attributes:
        text: its text.
        constants: words whose values are known when the file is read.
        fits: type of the result; None: any number.
    """

    text: str
    constants: tuple[tuple[str, Number], ...] = ()
    fits: TypeAdapter[Any] | None = field(default=None, compare=False, repr=False)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it reads, in order."""
        known = dict(self.constants)
        return tuple(name for name in words_of(self.text) if name not in known)

    @property
    def asks(self) -> Asks:
        return Asks(words=frozenset(self.words))

    def value(self, words: Mapping[str, Any]) -> Number:
        """The value of the formula. Raises ShapeError, with the values of the words, if it has none or does not fit."""
        known = {**words, **dict(self.constants)}
        try:
            value = _value(read_formula(self.text) or self.text, known)
            return value if self.fits is None else self.fits.validate_python(value)
        except NoNumber as error:
            raise ShapeError(f"{self.text}{self._given(known)}: {error}") from error
        except ValidationError as error:
            expected = error.errors(include_url=False)[0]["msg"].removeprefix("Input should be ")
            raise ShapeError(f"{self.text} is {value}{self._given(known)}, and must be {expected}") from error

    def _given(self, words: Mapping[str, Any]) -> str:
        given = " and ".join(f"{name} is {words[name]}" for name in words_of(self.text))
        return f" where {given}" if given else ""


@lru_cache(maxsize=1000)
def read_formula(text: str) -> Operation | None:
    """The operation given by a text; None for a word, for a number, and for other text."""
    tokens = _tokens(text)
    if tokens is None:
        return None
    try:
        tree = _sum(tokens, 0)
    except _Unreadable:
        return None
    if tokens != [""] or not isinstance(tree, Operation):
        return None
    # A signed number is a number, not arithmetic.
    return None if len(tree.operands) == 1 and not words_of_tree(tree) else tree


def words_of(text: str) -> tuple[str, ...]:
    """The words in arithmetic, in order."""
    tree = read_formula(text)
    return () if tree is None else words_of_tree(tree)


def words_of_tree(tree: Tree) -> tuple[str, ...]:
    if isinstance(tree, Operation):
        return tuple(dict.fromkeys(word for one in tree.operands for word in words_of_tree(one)))
    return (tree,) if isinstance(tree, str) else ()


# Parsing. Each function consumes tokens from the front; the last token is empty.


class _Unreadable(Exception):
    """The text is not arithmetic."""


def _tokens(text: str) -> list[str] | None:
    """The numbers, words and signs of a text, followed by an empty token."""
    if len(text) > MAX_NAME or text != text.strip():
        return None
    found, at = [], 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        found.append(token[1])
        at = token.end()
    return [*found, ""]


def _sum(tokens: list[str], depth: int) -> Tree:
    tree = _product(tokens, depth)
    while tokens[0] in ("+", "-"):
        tree = Operation(tokens.pop(0), (tree, _product(tokens, depth)))
    return tree


def _product(tokens: list[str], depth: int) -> Tree:
    tree = _signed(tokens, depth)
    while tokens[0] in ("*", "/", "//", "%"):
        tree = Operation(tokens.pop(0), (tree, _signed(tokens, depth)))
    return tree


def _signed(tokens: list[str], depth: int) -> Tree:
    if depth > MAX_DEPTH:
        raise _Unreadable
    if tokens[0] in ("+", "-"):
        return Operation(tokens.pop(0), (_signed(tokens, depth + 1),))
    token = tokens.pop(0)
    if NUMBER.fullmatch(token):
        return int(token) if token.isdecimal() else float(token)
    if token == "(":
        inner = _sum(tokens, depth + 1)
        _expect(tokens, ")")
        return inner
    if token == "" or not (token[0].isalpha() or token[0] == "_"):
        raise _Unreadable
    if tokens[0] != "(" or token not in FUNCTIONS:
        return token
    tokens.pop(0)
    operands = [_sum(tokens, depth + 1)]
    while tokens[0] == ",":
        tokens.pop(0)
        operands.append(_sum(tokens, depth + 1))
    _expect(tokens, ")")
    return Operation(token, tuple(operands))


def _expect(tokens: list[str], token: str) -> None:
    if tokens.pop(0) != token:
        raise _Unreadable


def _value(tree: Tree, words: Mapping[str, Any]) -> Number:
    """The value of a tree. Raises NoNumber."""
    if isinstance(tree, str):
        value = words[tree]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NoNumber(f"{tree} is not a number")
    elif isinstance(tree, Operation):
        operands = [_value(one, words) for one in tree.operands]
        if tree.name in FUNCTIONS:
            value = FUNCTIONS[tree.name](*operands) if len(operands) > 1 else operands[0]
        else:
            try:
                value = OPERATIONS[tree.name](*([0, *operands][-2:]))
            except ZeroDivisionError as error:
                raise NoNumber("division by zero") from error
            except OverflowError as error:
                raise NoNumber("the result is too large") from error
    else:
        value = tree
    if abs(value) > MAX_INTEGER:
        raise NoNumber("a number is too large")
    return value
