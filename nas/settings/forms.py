"""Metadata of annotations: how a value is written in a file.

name: Annotated[str, OneWord()]
space: Annotated[Path, ExistingFile()]
objectives: Annotated[tuple[Objective, ...], Keyed("metric", short="direction"), IDENTITY]
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol, get_args

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from nas.document import MAX_NAME, ONE_WORD, Node, describe, one_word, shortened
from nas.errors import Mark, nearest

Schema = dict[str, Any]

FIT = "a value does not fit"


class _Wrong:
    """Replaces a value that could not be read; the reader has noted the problem."""


WRONG = _Wrong()


class Reading(Protocol):
    """A reader, as forms use it."""

    folder: Path

    def value(self, node: Node, hint: Any, path: str) -> Any:
        """The value of a node, or WRONG."""

    def record(self, node: Node, target: Any, path: str, given: Mapping[str, Any] = ...) -> Any:
        """The record that a mapping describes, or WRONG."""

    def problem(
        self, mark: Mark, path: str, message: str, expected: str = "", got: str = "", suggestion: str = ""
    ) -> None:
        """Notes a problem."""


class Form(ABC):
    """How a value is written in a file, if not as its type is."""

    @abstractmethod
    def read(self, reader: Reading, node: Node, type_: Any, path: str) -> Any:
        """The value, or WRONG."""

    @abstractmethod
    def schema(self, of: Callable[[Any], Schema], type_: Any) -> Schema:
        """The JSON schema of the value; `of` makes those of types."""

    def absent(self, file: Path, mark: Mark) -> Node | None:
        """The value of a key that a file does not have; None: the default of its field."""
        return None

    def plain(self, value: Any, plain: Callable[[Any], Any]) -> Any:
        """The value as plain data; `plain` writes inner values."""
        return plain(value)


@dataclass(frozen=True)
class OneWord(Form):
    """A string that can be the name of a file or a folder.

    Attributes:
        of_file: whether the default is the name of the file without its suffix.
    """

    of_file: bool = False

    def read(self, reader: Reading, node: Node, type_: Any, path: str) -> Any:
        name = reader.value(node, str, path)
        if name is not WRONG and not one_word(name):
            reader.problem(node.mark, path, "the name is invalid", ONE_WORD, repr(shortened(name)))
            return WRONG
        return name

    def schema(self, of: Callable[[Any], Schema], type_: Any) -> Schema:
        return {"type": "string", "pattern": r'^[^/\\:*?"<>|]+$', "maxLength": MAX_NAME}

    def absent(self, file: Path, mark: Mark) -> Node | None:
        return Node(file.stem, mark) if self.of_file else None


@dataclass(frozen=True)
class Named(Form):
    """One of several names.

    Attributes:
        names: all of them.
    """

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The same names in calls from Python."""
        return core_schema.literal_schema(list(self.names))

    def read(self, reader: Reading, node: Node, type_: Any, path: str) -> Any:
        name = reader.value(node, str, path)
        if name is not WRONG and name not in self.names:
            reader.problem(node.mark, path, FIT, ", ".join(self.names), describe(node), nearest(name, self.names))
            return WRONG
        return name

    def schema(self, of: Callable[[Any], Schema], type_: Any) -> Schema:
        return {"type": "string", "enum": list(self.names)}


@dataclass(frozen=True)
class ExistingFile(Form):
    """The path of an existing file, relative to the file that names it. Its content matters, not its path."""

    def read(self, reader: Reading, node: Node, type_: Any, path: str) -> Any:
        text = reader.value(node, str, path)
        if text is WRONG:
            return WRONG
        file = reader.folder / text
        if not file.is_file():
            reader.problem(node.mark, path, f"there is no file {file}")
        return file

    def schema(self, of: Callable[[Any], Schema], type_: Any) -> Schema:
        return {"type": "string"}


@dataclass(frozen=True)
class Labels(Form):
    """A mapping from labels, each one word, to one or more values."""

    def read(self, reader: Reading, node: Node, type_: Any, path: str) -> Any:
        if not isinstance(node.value, dict) or not node.value:
            expected = "a mapping of one or more, {label: ...}"
            reader.problem(node.mark, path, f"{path} need labels", expected, describe(node))
            return WRONG
        hint = get_args(type_)[1]
        found = {}
        for label, child in node.value.items():
            mark = node.keys.get(label, child.mark)
            if not one_word(label):
                reader.problem(mark, path, "the label is invalid", ONE_WORD, repr(shortened(label)))
                continue
            value = reader.value(child, hint, f"{path}.{label}")
            if value is not WRONG:
                found[label] = value
        return found

    def schema(self, of: Callable[[Any], Schema], type_: Any) -> Schema:
        label = OneWord().schema(of, str)
        return {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {key: label[key] for key in ("pattern", "maxLength")},
            "additionalProperties": of(get_args(type_)[1]),
        }


@dataclass(frozen=True)
class Keyed(Form):
    """Several records, as a mapping from one field of each to its other fields, or to the value of one other field.

    Attributes:
        key: the field that is the key.
        short: the field whose value may replace the mapping.
        optional: whether there may be no record.
    """

    key: str
    short: str
    optional: bool = False

    def read(self, reader: Reading, node: Node, type_: Any, path: str) -> Any:
        if not isinstance(node.value, dict) or not (node.value or self.optional):
            expected = f"a mapping{'' if self.optional else ' of one or more'}, {{{self.key}: {self.short}}}"
            reader.problem(node.mark, path, FIT, expected, describe(node))
            return WRONG
        target = get_args(type_)[0]
        found = []
        for name, child in node.value.items():
            mark = node.keys.get(name, child.mark)
            record = self._record(child)
            one = reader.record(Node(record.value, mark, record.keys), target, f"{path}.{name}", {self.key: name})
            if one is not WRONG:
                found.append(one)
        return tuple(found) if found or not node.value else WRONG

    def written_out(self, node: Node) -> Node:
        """The same mapping with every record written as a mapping."""
        if not isinstance(node.value, dict):
            return node
        return Node({name: self._record(child) for name, child in node.value.items()}, node.mark, node.keys)

    def _record(self, node: Node) -> Node:
        if isinstance(node.value, dict):
            return node
        return Node({self.short: node}, node.mark, {self.short: node.mark})

    def schema(self, of: Callable[[Any], Schema], type_: Any) -> Schema:
        record = of(get_args(type_)[0])
        properties = {key: one for key, one in record["properties"].items() if key != self.key}
        words = {one: properties[self.short][one] for one in ("enum", "type") if one in properties[self.short]}
        one = {
            "type": ["string", "object"],
            "anyOf": [words, {"type": "object"}],
            "properties": properties,
            "additionalProperties": False,
        }
        return {"type": "object", "minProperties": 0 if self.optional else 1, "additionalProperties": one}

    def plain(self, value: Any, plain: Callable[[Any], Any]) -> Any:
        found: dict[str, Any] = {}
        for one in value:
            record = {key: item for key, item in plain(one).items() if key != self.key and item is not None}
            found[getattr(one, self.key)] = record[self.short] if list(record) == [self.short] else record
        return found


@dataclass(frozen=True)
class Tagged(Form):
    """Several records of different types: a mapping from the name of each type to the fields of its record, or one
    name.

    Attributes:
        types: the types, by name.
    """

    types: Mapping[str, Any]

    def read(self, reader: Reading, node: Node, type_: Any, path: str) -> Any:
        given = node.value
        if isinstance(given, str):
            given = {given: Node({}, node.mark)}
        if not isinstance(given, dict) or not given:
            expected = f"a name, or {{name: settings}} of one or more; names are {', '.join(self.types)}"
            reader.problem(node.mark, path, FIT, expected, describe(node))
            return WRONG
        found = [self._one(reader, node, name, child, path) for name, child in given.items()]
        return WRONG if WRONG in found else tuple(found)

    def _one(self, reader: Reading, node: Node, name: str, child: Node, path: str) -> Any:
        mark = node.keys.get(name, node.mark)
        if name not in self.types:
            guess = nearest(name, self.types)
            reader.problem(mark, path, f"no such key: {name!r}", ", ".join(self.types), "", guess)
            return WRONG
        settings = Node({}, mark) if child.value is None else child
        return reader.record(settings, self.types[name], f"{path}.{name}")

    def schema(self, of: Callable[[Any], Schema], type_: Any) -> Schema:
        return {
            "type": ["string", "object"],
            "anyOf": [{"enum": list(self.types)}, {"type": "object"}],
            "properties": {name: of(one) for name, one in self.types.items()},
            "additionalProperties": False,
            "minProperties": 1,
        }

    def plain(self, value: Any, plain: Callable[[Any], Any]) -> Any:
        names = {one: name for name, one in self.types.items()}
        return {names[type(one)]: plain(one) for one in value}


@dataclass(frozen=True)
class OneOf(Form):
    """A mapping with one of several keys.

    Attributes:
        kinds: the keys, and the types of their values.
        make: makes the value from a key and what it is mapped to.
        parts: the inverse of `make`.
    """

    kinds: Mapping[str, Any]
    make: Callable[[Any, Any], Any]
    parts: Callable[[Any], tuple[str, Any]]

    def read(self, reader: Reading, node: Node, type_: Any, path: str) -> Any:
        given = node.value if isinstance(node.value, dict) else {}
        if len(given) != 1:
            expected = "one of " + ", ".join(f"{{{kind}: ...}}" for kind in self.kinds)
            reader.problem(node.mark, path, FIT, expected, describe(node))
        found = [self._one(reader, node, kind, child, path) for kind, child in given.items()]
        return found[0] if len(found) == 1 else WRONG

    def _one(self, reader: Reading, node: Node, kind: str, child: Node, path: str) -> Any:
        if kind not in self.kinds:
            mark, guess = node.keys.get(kind, node.mark), nearest(kind, self.kinds)
            reader.problem(mark, path, f"no such key: {kind!r}", ", ".join(self.kinds), "", guess)
            return WRONG
        amount = reader.value(child, self.kinds[kind], f"{path}.{kind}")
        return WRONG if amount is WRONG else self.make(kind, amount)

    def schema(self, of: Callable[[Any], Schema], type_: Any) -> Schema:
        return {
            "type": "object",
            "properties": {kind: of(hint) for kind, hint in self.kinds.items()},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }

    def plain(self, value: Any, plain: Callable[[Any], Any]) -> Any:
        kind, amount = self.parts(value)
        return {kind: plain(amount)}


@dataclass(frozen=True)
class Counted(Form):
    """Distinct integers: a list, or their number, counting from 0.

    Attributes:
        what: the name of one of them, for messages.
        most: the largest possible number.
    """

    what: str
    most: int

    def read(self, reader: Reading, node: Node, type_: Any, path: str) -> Any:
        number = get_args(type_)[0]
        if not isinstance(node.value, list):
            if not isinstance(node.value, int) or isinstance(node.value, bool):
                reader.problem(node.mark, path, FIT, "their number, or a list", describe(node))
                return WRONG
            count = reader.value(node, Annotated[int, Field(ge=1, le=self.most)], path)
            return WRONG if count is WRONG else tuple(range(count))
        found: dict[int, None] = {}
        for place, child in enumerate(node.value):
            value = reader.value(child, number, f"{path}.{place}")
            if value is WRONG:
                continue
            if value in found:
                reader.problem(child.mark, path, f"the {self.what} {value} is given twice")
            found[value] = None
        return tuple(found) if found else WRONG

    def schema(self, of: Callable[[Any], Schema], type_: Any) -> Schema:
        return {
            "type": ["integer", "array"],
            "minimum": 1,
            "maximum": self.most,
            "items": of(get_args(type_)[0]),
            "minItems": 1,
            "uniqueItems": True,
        }

    def plain(self, value: Sequence[int], plain: Callable[[Any], Any]) -> Any:
        return len(value) if list(value) == list(range(len(value))) else list(value)
