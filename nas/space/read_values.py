"""Reads the values in a space file: plain ones, words that stand for values, and choices between them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from types import MappingProxyType
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from nas.document import MAX_INTEGER, Node, describe
from nas.errors import Mark, Problem
from nas.ops import Op
from nas.space.aliases import nearest
from nas.space.architecture import Value
from nas.space.condition import MEASURES, Word, is_number
from nas.space.parts import Argument, Values
from nas.space.tree import join

MAX_COPIES = 1000
"""Copies of a repeat, steps of a sequence, nodes of a cell."""

VALUES_KEYS = ("choice", "at_least", "at_most")

CLASSES = "classes"
"""Stands for the number of classes wherever an op takes an integer: `linear: {units: classes}`."""

Scope = Mapping[str, tuple[Value, ...]]
"""The words that stand for values in some part of a file, and the values that each may have."""

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LABEL = re.compile(r"(?=.*[A-Za-z_])[A-Za-z0-9_][A-Za-z0-9_-]*")


@cache
def adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_, config=ConfigDict(strict=True))


@cache
def field_types(op: type[Op]) -> Mapping[str, TypeAdapter[Any]]:
    hints = get_type_hints(op, include_extras=True)
    return {item.name: adapter(hints[item.name]) for item in fields(op)}


@dataclass(frozen=True)
class Place:
    """Where a node stands.

    Attributes:
        pattern: its path, with a `*` for the number of a copy.
        scope: the words known there.
        definitions: that it is in.
        taken: names that no part of a list at this very place may have.
        cell: whether it is in a cell.
    """

    pattern: str
    scope: Scope
    definitions: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    cell: bool = False

    @property
    def path(self) -> str:
        """Its path in the file, as messages give it."""
        return ".".join(segment for segment in self.pattern.split(".") if segment != "*")

    def __truediv__(self, segment: str) -> "Place":
        return replace(self, pattern=join(self.pattern, segment), taken=() if segment else self.taken)

    def knowing(self, words: Scope) -> "Place":
        """The same place with more words."""
        return replace(self, scope={**self.scope, **words})


@dataclass
class Decision:
    """What is decided on, in any of its places.

    Attributes:
        number: how many others come first in the file.
        options: the possible ones by their type, since 1 is no true; none where they could not be read.
    """

    number: int
    options: dict[tuple[type, Value], Value]


class ValueReader:
    """Reads values, and remembers what is wrong, which definitions are used and what is decided on.

    Attributes:
        decisions: by their patterns, in the order in which they are made.
        broken: the patterns of parts that could not be read, which might decide on anything.
    """

    def __init__(self, ops: Mapping[str, type[Op]]) -> None:
        self.ops = ops
        self.problems: list[Problem] = []
        self.definitions: Mapping[str, Node] = {}
        self.used: set[str] = set()
        self.decisions: dict[str, Decision] = {}
        self.broken: set[str] = set()

    def decides(self, pattern: str, options: tuple[Value, ...] = ()) -> None:
        """Remembers a decision, now made; uses of a shared definition may make it more than once."""
        known = self.decisions.setdefault(pattern, Decision(len(self.decisions), {}))
        known.options.update(((type(option), option), option) for option in options)

    # Plain values.

    def amount(self, node: Node, path: str) -> int:
        """A count that is not negative; `1e6` is one too."""
        value = node.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INTEGER:
            large = isinstance(value, int) and value > MAX_INTEGER
            expected = f"at most {MAX_INTEGER:,}" if large else "a whole number, 0 or more"
            self.problem(node, path, "this is not a count", expected, describe(node))
            return 0
        return value

    def flag(self, value: Mapping[str, Node], name: str, path: str) -> bool:
        return bool(self.typed(value[name], join(path, name), bool, "true or false")) if name in value else False

    def typed(self, node: Node, path: str, type_: Any, expected: str) -> Any:
        try:
            return adapter(type_).validate_python(node.plain())
        except ValidationError:
            self.problem(node, path, "a value does not fit", expected, describe(node))
            return None

    def unknown_keys(
        self, node: Node, known: tuple[str, ...], path: str, elsewhere: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Reports keys that are not known here; `elsewhere` says of some where they belong."""
        for key in node.value if isinstance(node.value, dict) else ():
            if key not in known:
                mark: Mark = node.keys.get(key, node.mark)
                if key in elsewhere:
                    self.problems.append(Problem(mark, path, f"{key!r} does not belong here", elsewhere[key]))
                    continue
                expected = ", ".join(known) or "no keys"
                self.problems.append(Problem(mark, path, f"no such key: {key!r}", expected, "", nearest(key, known)))

    def problem(self, node: Node, path: str, message: str, expected: str = "", got: str = "") -> None:
        self.problems.append(Problem(node.mark, path, message, expected, got))

    # Arguments.

    def argument(self, node: Node, type_: TypeAdapter[Any], place: Place) -> Argument:
        """A literal, a word, or `choice: [...]` of literals."""
        name = node.value
        if isinstance(name, str) and name in self.definitions and name not in place.scope:
            return self._defined_values(node, name, type_, place)
        if isinstance(name, str) and name in place.scope and name != CLASSES:
            for value in place.scope[name]:
                self._checked(Node(value, node.mark), value, type_, place)
            return Word(name)
        if isinstance(name, dict):
            return self._values(node, name, type_, place)
        return self._checked(node, self._plain(node, place), type_, place, "{choice: [...]}")

    def _values(self, node: Node, value: dict[str, Node], type_: TypeAdapter[Any], place: Place) -> Values | None:
        if "choice" not in value:
            self.problem(node, place.path, "this is no value", "a value, or {choice: [...]}", describe(node))
            self.broken.add(place.pattern)
            return None
        self.unknown_keys(node, VALUES_KEYS, place.path)
        options = value["choice"]
        if not isinstance(options.value, list) or not options.value:
            self.problem(options, place.path, "a choice has no options", "a list of values", describe(options))
            self.broken.add(place.pattern)
            return None
        found: list[Value] = []
        problems = len(self.problems)
        seen: set[Value] = set()  # where 1, 1.0 and true are one, as they are for a walk
        for option in options.value:
            before = len(self.problems)
            literal = self.literal(option, type_, place)
            if len(self.problems) > before:
                continue
            if literal in seen:
                self.problem(option, place.path, "an option is given twice", got=describe(option))
            if literal != literal:
                self.problem(option, place.path, "an option is no number", "a number", "nan")
            found.append(literal)
            seen.add(literal)
        bounds: dict[str, str | float | None] = dict.fromkeys(("at_least", "at_most"))
        for name in bounds:
            if name in value:
                bounds[name] = self._bound(value[name], place.path)
                if not all(is_number(one) for one in found):
                    self.problem(value[name], place.path, f"{name} bounds numbers", "options that are numbers")
        self.decides(place.pattern, tuple(found))
        if len(self.problems) > problems:
            self.broken.add(place.pattern)
        return Values(tuple(found), at_least=bounds["at_least"], at_most=bounds["at_most"])

    def _bound(self, node: Node, path: str) -> str | float | None:
        value = node.value
        numbers = [name for name in MEASURES if name != "flat"]
        if isinstance(value, str) and value in numbers:
            return value
        if is_number(value):
            return value
        self.problem(node, path, "this is no bound", f"a number, {' or '.join(numbers)}", describe(node))
        return None

    def _defined_values(self, node: Node, name: str, type_: TypeAdapter[Any], place: Place) -> Argument:
        """The use of a definition as an argument."""
        self.used.add(name)
        definition = self.definitions[name]
        value = definition.value
        if not isinstance(value, dict) or "choice" not in value:
            expected = f"{name}: {{choice: [...]}}"
            self.problem(node, place.path, f"{name!r} is no choice of values", expected, describe(definition))
            return None
        share = self.flag(value, "share", f"define.{name}")
        inner = Node({key: child for key, child in value.items() if key != "share"}, definition.mark, definition.keys)
        if share and place.cell:
            self.problem(node, place.path, "a cell decides for itself", "a definition without 'share'", repr(name))
        values = self._values(inner, inner.value, type_, replace(place, pattern=name) if share else place)  # type: ignore[arg-type]
        return replace(values, name=name) if share and values is not None else values

    def literal(self, node: Node, type_: TypeAdapter[Any], place: Place) -> Value:
        return self._checked(node, self._plain(node, place), type_, place)

    def _plain(self, node: Node, place: Place) -> Any:
        """The value that is written, or the number of classes."""
        value = node.plain()
        if value == CLASSES and CLASSES in place.scope:
            (value,) = place.scope[CLASSES]
        return value

    def _checked(
        self, node: Node, value: Any, type_: TypeAdapter[Any], place: Place, instead_of_a_list: str = ""
    ) -> Value:
        try:
            valid: Value = type_.validate_python(value)
        except ValidationError as error:
            if value == CLASSES:
                self.problem(
                    node, place.path, "the number of classes is unknown", "`classes:` in the file, or a data set"
                )
                return None
            expected = " or ".join(
                dict.fromkeys(one["msg"].removeprefix("Input should be ") for one in error.errors(include_url=False))
            )
            if isinstance(value, list) and instead_of_a_list:
                expected = f"{expected}, or {instead_of_a_list}"
            words = [*place.scope, *(name for name, one in self.definitions.items() if _is_values(one))]
            suggestion = nearest(value, words) if isinstance(value, str) else ""
            message, got = "a value does not fit", describe(node)
            self.problems.append(Problem(node.mark, place.path, message, expected, got, suggestion))
            return None
        return valid


def _is_values(definition: Node) -> bool:
    """Whether a definition is a choice, and so may be one of values."""
    return isinstance(definition.value, dict) and "choice" in definition.value
