"""The place of a node in a space file, with the words known there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from nas.ops import Op
from nas.space.choice import Value
from nas.space.language.tree import join

MAX_COPIES = 1000
"""The maximum number of copies of a repeat, steps of a sequence, or nodes of a cell."""

Copies = Annotated[int, Field(ge=0, le=MAX_COPIES)]

OUTPUTS = "outputs"
"""The word for the number of outputs, in any integer argument: `linear: {units: outputs}`. It is reserved."""


class DataWord(NamedTuple):
    """A word whose value the data give.

    Attributes:
        about: what it stands for.
        given_by: what gives its value.
    """

    about: str
    given_by: str


DATA_WORDS: Mapping[str, DataWord] = MappingProxyType(
    {
        OUTPUTS: DataWord("the number of outputs", "`outputs:` in the file, or a data set"),
        "tokens": DataWord("the size of the vocabulary", "`tokens:` in the file, or a data set of texts"),
        "categories": DataWord(
            "the number of categories of each column", "`categories:` in the file, or a data set of tables"
        ),
        "features": DataWord("the number of features", "an input of one dimension"),
        "rate": DataWord("the sampling rate", "`rate:` in the file, or a data set of sounds"),
    }
)
"""The words that the data give. Definitions and parameters of the same name replace them, except for `outputs`."""

Given = Mapping[str, "Value | tuple[int, ...]"]
"""The words of the data that are known, with their values."""

Scope = Mapping[str, tuple[Value, ...]]
"""The words known in a part of a file, with the possible values of each."""

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
    """The place of a node.

    Attributes:
        pattern: its path, with `*` for the number of a copy.
        scope: the words known there.
        definitions: the definitions that enclose it.
        taken: names that parts of a list at this place may not have.
        cell: whether it is in a cell.
        open: words whose values depend on shapes; their values in the scope are examples.
        data: the words of the data that are known in the file.
        first: whether nothing can come before it in a network.
    """

    pattern: str
    scope: Scope
    definitions: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    cell: bool = False
    open: frozenset[str] = frozenset()
    data: Given = field(default_factory=dict)
    first: bool = False

    def knows(self, word: str) -> bool:
        """Whether a word is known."""
        return word in self.scope or word in self.data

    @property
    def words(self) -> tuple[str, ...]:
        """All known words."""
        return tuple(dict.fromkeys([*self.data, *self.scope]))

    @property
    def path(self) -> str:
        """Its path in the file, as in messages."""
        return ".".join(segment for segment in self.pattern.split(".") if segment != "*")

    def __truediv__(self, segment: str) -> "Place":
        return replace(self, pattern=join(self.pattern, segment), taken=() if segment else self.taken)

    def knowing(self, words: Scope) -> "Place":
        """The same place with additional words."""
        return replace(self, scope={**self.scope, **words})


def fits(value: Any, type_: TypeAdapter[Any]) -> bool:
    """Whether a value is valid for a type."""
    try:
        type_.validate_python(value)
    except ValidationError:
        return False
    return True
