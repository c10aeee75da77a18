"""Things that a file names by a path, and Python gives as they are. Importing this does not load torch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from nas.settings.forms import WRONG, Form, Reading, Schema

if TYPE_CHECKING:
    from nas.document import Node


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
