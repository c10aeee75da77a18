"""Things that a file names by a path, and Python gives as they are. Importing this does not load torch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from nas.settings.forms import WRONG, Form, Reading, Schema

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
    """A path, relative to the file that names it. The content matters, not the path.

    Attributes:
        of: the thing that a path stands for, or what is given in Python; None stands for itself.
    """

    of: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Whatever `of` takes, in calls from Python."""
        return core_schema.no_info_plain_validator_function(self.of)

    def read(self, reader: Reading, node: "Node", type_: Any, path: str) -> Any:
        if node.value is None:
            return None
        text = reader.value(node, str, path)
        return WRONG if text is WRONG else self.of(reader.folder / text)

    def schema(self, of: Any, type_: Any) -> Schema:
        return {"type": ["string", "null"]}
