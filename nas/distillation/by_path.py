"""Things that a file names by a path, and Python gives as they are. Importing this does not load torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from nas.settings.forms import WRONG, Form, OneOf, Reading, Schema

if TYPE_CHECKING:
    from nas.document import Node

T = TypeVar("T")
S = TypeVar("S", contravariant=True)


class Given(Generic[T, S]):
    """A field of a record that is a T, or None, which is its default, and for which whatever stands for a T may be
    given: an S. In annotations, `Given[T, S]` is that for the type checker, and `T | None` for all who read them.

    Args:
        of: the T that a value stands for; None stands for itself.
    """

    def __init__(self, of: Callable[[Any], T | None]) -> None:
        self._of = of

    def __class_getitem__(cls, of: Any) -> Any:
        return of[0] | None

    def __set_name__(self, record: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, record: None, of: type) -> None: ...
    @overload
    def __get__(self, record: object, of: type) -> T | None: ...
    def __get__(self, record: object | None, of: type) -> T | None:
        return None if record is None else vars(record)[self._name]

    def __set__(self, record: object, value: S | T | None) -> None:
        vars(record)[self._name] = self._of(value)


@dataclass(frozen=True)
class ByPath(Form):
    """A path, relative to the file that names it, whose content matters; or one of several records in its place.

    Attributes:
        of: the thing that a path stands for, or what is given in Python; None stands for itself.
        records: the types of the records, by name.
    """

    of: Callable[[Any], Any]
    records: Mapping[str, Any] = field(default_factory=dict)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Whatever `of` takes, in calls from Python."""
        return core_schema.no_info_plain_validator_function(self.of)

    def read(self, reader: Reading, node: "Node", type_: Any, path: str) -> Any:
        if node.value is None:
            return None
        if self.records and isinstance(node.value, dict):
            return self._one.read(reader, node, type_, path)
        text = reader.value(node, str, path)
        return WRONG if text is WRONG else self.of(reader.folder / text)

    def schema(self, of: Any, type_: Any) -> Schema:
        path = {"type": ["string", "null"]}
        return {"anyOf": [path, self._one.schema(of, type_)]} if self.records else path

    def plain(self, value: Any, plain: Callable[[Any], Any]) -> Any:
        return self._one.plain(value, plain) if type(value) in self.records.values() else plain(value)

    @property
    def _one(self) -> OneOf:
        """One of the records."""
        names = {one: name for name, one in self.records.items()}
        return OneOf(self.records, lambda _, record: record, lambda record: (names[type(record)], record))
