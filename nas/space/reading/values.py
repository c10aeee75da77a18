"""Reads the values in a space file: literals, words, arithmetic and choices."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nas.document import Node, describe
from nas.errors import Diagnostic
from nas.space.choice import Value
from nas.space.language.arguments import Argument, Values
from nas.space.language.condition import MEASURES, Word, is_number
from nas.space.language.formula import SIGNS, Formula, read_formula, words_of
from nas.space.reading.aliases import nearest
from nas.space.reading.arithmetic import is_arithmetic, looks_like_arithmetic, make_formula, read_arithmetic, results
from nas.space.reading.nodes import NodeReader
from nas.space.reading.place import DATA_WORDS, LABEL, OUTPUTS, Place, fits

VALUES_KEYS = ("choice", "at_least", "at_most")


@dataclass
class Decision:
    """A decision, with its options at all its places.

    Attributes:
        number: number of decisions before it in the file.
        options: the options by type, since 1 is not true; empty if they could not be read.
    """

    number: int
    options: dict[tuple[type, Value], Value]


class ValueReader(NodeReader):
    """Reads values, and records decisions.

    Attributes:
        decisions: the decisions by their patterns, in the order in which they are made.
        broken: the patterns of parts that could not be read, which might make any decision.
    """

    def __init__(self) -> None:
        super().__init__()
        self.decisions: dict[str, Decision] = {}
        self.broken: set[str] = set()

    def decides(self, pattern: str, options: tuple[Value, ...] = ()) -> None:
        """Records a decision; uses of a shared definition may make it repeatedly."""
        known = self.decisions.setdefault(pattern, Decision(len(self.decisions), {}))
        known.options.update(((type(option), option), option) for option in options)

    # Arguments.

    def argument(self, node: Node, type_: TypeAdapter[Any], place: Place) -> Argument:
        """A literal, a word, or `choice: [...]` of literals."""
        name = node.value
        if isinstance(name, str) and name in self.definitions and name not in place.scope:
            return self._defined_values(node, name, type_, place)
        if isinstance(name, str) and name in place.scope:
            for value in place.scope[name]:
                self._checked(Node(value, node.mark), value, type_, place)
            return Word(name)
        if isinstance(name, dict):
            return self._values(node, name, type_, place)
        if isinstance(name, str) and is_arithmetic(name, type_, place):
            return read_arithmetic(self, node, name, type_, place)
        return self._checked(node, self._plain(node, place), type_, place, "{choice: [...]}")

    def possible(self, argument: Argument, place: Place) -> tuple[Value, ...]:
        """The possible values of an argument; examples if `is_open`."""
        match argument:
            case Values():
                return argument.options
            case Word():
                return place.scope[argument.name]
            case Formula():
                found = dict.fromkeys(value for value, _ in results(argument, place) if value is not None)
                return tuple(found) or (1,)
            case _:
                return (argument,)

    def is_open(self, argument: Argument, place: Place) -> bool:
        """Whether the values of an argument depend on shapes."""
        words = (
            argument.words if isinstance(argument, Formula) else (argument.name,) if isinstance(argument, Word) else ()
        )
        return not place.open.isdisjoint(words)

    # Choices.

    def _values(self, node: Node, value: dict[str, Node], type_: TypeAdapter[Any], place: Place) -> Values | None:
        if "choice" not in value:
            self.problem(node, place.path, "not a value", "a value, or {choice: [...]}", describe(node))
            self.broken.add(place.pattern)
            return None
        self.unknown_keys(node, VALUES_KEYS, place.path)
        options = value["choice"]
        if not isinstance(options.value, list | dict) or not options.value:
            expected = "a list of values, or labels with values"
            self.problem(options, place.path, "a choice has no options", expected, describe(options))
            self.broken.add(place.pattern)
            return None
        found: list[Value] = []
        problems = len(self.problems)
        labels = self.labels(options, place)
        seen: set[Value] = set()  # where 1, 1.0 and true are equal, as they are for a walk
        for option in options.value.values() if isinstance(options.value, dict) else options.value:
            before = len(self.problems)
            literal = self.literal(option, type_, place)
            if len(self.problems) > before:
                continue
            if literal in seen:
                self.problem(option, place.path, "an option is given twice", got=describe(option))
            if literal != literal:
                self.problem(option, place.path, "an option is not a number", "a number", "nan")
            found.append(literal)
            seen.add(literal)
        bounds: dict[str, str | float | Formula | None] = dict.fromkeys(("at_least", "at_most"))
        for name in bounds:
            if name in value:
                bounds[name] = self._bound(value[name], place)
                if not all(is_number(one) for one in found):
                    self.problem(value[name], place.path, f"{name} bounds numbers", "options that are numbers")
        self.decides(place.pattern, labels or tuple(found))
        if len(self.problems) > problems:
            self.broken.add(place.pattern)
        return Values(tuple(found), labels, at_least=bounds["at_least"], at_most=bounds["at_most"])

    def labels(self, node: Node, place: Place) -> tuple[str, ...]:
        """The labels of options or branches, checked; empty for a list."""
        found = node.value if isinstance(node.value, dict) else {}
        for label, child in found.items():
            if not LABEL.fullmatch(label):
                mark = node.keys.get(label, child.mark)
                expected = "letters, digits, underscores and hyphens, with at least one letter"
                self.problems.append(Diagnostic(mark, place.path, f"{label!r} is not a valid label", expected))
        return tuple(found)

    def _bound(self, node: Node, place: Place) -> str | float | Formula | None:
        """A number, a measure, a word, or arithmetic on these."""
        value = node.value
        measures = [name for name in MEASURES if name != "flat"]
        if is_number(value):
            return value
        given = {word: number for word, number in place.data.items() if is_number(number) and word not in place.scope}
        known = {word for word in place.scope if all(map(is_number, place.scope[word]))} | {*measures, *given}
        if isinstance(value, str) and value in known:
            return given.get(value, value)
        if isinstance(value, str) and read_formula(value) is not None and known.issuperset(words_of(value)):
            return make_formula(value, place)
        expected = f"a number, {' or '.join(measures)}, or arithmetic on these"
        self.problem(node, place.path, "not a bound", expected, describe(node))
        return None

    def _defined_values(self, node: Node, name: str, type_: TypeAdapter[Any], place: Place) -> Argument:
        """A use of a definition as an argument."""
        self.used.add(name)
        definition = self.definitions[name]
        value = definition.value
        if not isinstance(value, dict) or "choice" not in value:
            expected = f"{name}: {{choice: [...]}}"
            self.problem(node, place.path, f"{name!r} is not a choice of values", expected, describe(definition))
            return None
        share = self.flag(value, "share", f"define.{name}")
        inner = Node({key: child for key, child in value.items() if key != "share"}, definition.mark, definition.keys)
        if share and place.cell:
            message, expected = "a shared definition cannot be used in a cell", "a definition without 'share'"
            self.problem(node, place.path, message, expected, repr(name))
        values = self._values(inner, inner.value, type_, replace(place, pattern=name) if share else place)  # type: ignore[arg-type]
        return replace(values, name=name) if share and values is not None else values

    def literal(self, node: Node, type_: TypeAdapter[Any], place: Place) -> Value:
        """A literal, or arithmetic on words of the data."""
        text = node.value
        if isinstance(text, str) and text not in place.data and not fits(text, type_):
            words = words_of(text) or (text,)
            if any(word in place.scope for word in words):
                expected = f"plain values, or arithmetic on {OUTPUTS!r}"
                self.problem(node, place.path, "an option cannot be a word", expected, describe(node))
                return None
            if is_arithmetic(text, type_, place):
                value = read_arithmetic(self, node, text, type_, place)
                return value if isinstance(value, int | float) else None
        return self._checked(node, self._plain(node, place), type_, place)

    def _plain(self, node: Node, place: Place) -> Any:
        """The value of a node, or of the word of the data that it is."""
        value = node.plain()
        return place.data.get(value, value) if isinstance(value, str) else value

    def _checked(
        self, node: Node, value: Any, type_: TypeAdapter[Any], place: Place, instead_of_a_list: str = ""
    ) -> Value:
        try:
            valid: Value = type_.validate_python(tuple(value) if isinstance(value, list) else value)
        except ValidationError as error:
            if isinstance(value, str) and (word := DATA_WORDS.get(value)) is not None:
                self.problem(node, place.path, f"{word.about} is unknown", word.given_by)
                return None
            expected = " or ".join(
                dict.fromkeys(one["msg"].removeprefix("Input should be ") for one in error.errors(include_url=False))
            )
            if isinstance(value, list) and instead_of_a_list:
                expected = f"{expected}, or {instead_of_a_list}"
            words = [OUTPUTS, *place.words, *(name for name, one in self.definitions.items() if _is_values(one))]
            suggestion = nearest(value, words) if isinstance(value, str) else ""
            if isinstance(value, str) and looks_like_arithmetic(value, place):
                expected, suggestion = f"{expected}, or arithmetic with {SIGNS}", ""
            message, got = "a value does not fit", describe(node)
            self.problems.append(Diagnostic(node.mark, place.path, message, expected, got, suggestion))
            return None
        return valid


def _is_values(definition: Node) -> bool:
    """Whether a definition is a choice, which may be a choice of values."""
    return isinstance(definition.value, dict) and "choice" in definition.value
