"""The space that a run file or a comparison file names: a file, one of Archwright, or the one that suits the data."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from nas.data import Dataset
from nas.document import Node
from nas.errors import UsageError
from nas.settings.forms import WRONG, Form, Reading, Schema
from nas.space import Space, load_space
from nas.space.reading.suited import AUTO, pick_space
from nas.space.shipped import found_space, hint, is_name, space_file, space_names

SpaceName = Path | Literal["auto"]
"""A space file, the name of a space of Archwright, or `auto`."""


@dataclass(frozen=True)
class SpaceFile(Form):
    """The path of a space file, relative to the file that names it, a space of Archwright by its name, or `auto`."""

    def read(self, reader: Reading, node: Node, type_: Any, path: str) -> Any:
        text = reader.value(node, str, path)
        if text is WRONG or text == AUTO:
            return text
        file = reader.folder / text
        if file.is_file():
            return file
        if not is_name(Path(text)):
            reader.problem(node.mark, path, f"there is no file {file}{hint(file)}")
            return file
        try:
            return space_file(text)
        except UsageError as error:
            reader.problem(node.mark, path, str(error))
            return WRONG

    def schema(self, of: Callable[[Any], Schema], type_: Any) -> Schema:
        return {"type": "string", "examples": [AUTO, *space_names()]}


class Chosen(NamedTuple):
    """A space file.

    Attributes:
        file: its path.
        why: why it was chosen; empty: it was named.
    """

    file: Path
    why: str = ""


def space_of(space: SpaceName, data: Dataset) -> Chosen:
    """The file of the space that is named, for a data set. Raises UsageError if `auto` finds none."""
    if space != AUTO:
        return Chosen(found_space(Path(space)))
    name, why = pick_space(data, len(data.train))
    return Chosen(space_file(name), f"The space is {name}, because {why}")


def load_for(space: SpaceName, data: Dataset) -> Space:
    """The space that is named, for a data set. Raises UsageError (SpecError) or StorageError."""
    return load_space(space_of(space, data).file, data=data)
