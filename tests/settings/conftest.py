"""A small language of shapes, to declare files with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from nas.document import parse_document
from nas.errors import UsageError
from nas.settings import IDENTITY, INLINE, ExistingFile, Labels, OneWord, Reader, Registry, Setting


class Shape:
    """A shape."""

    def __init__(self, name: str, **what: Any) -> None:
        self.name, self.what = name, what


def circle(scale: int, *, radius: Annotated[float, Field(gt=0)] = 1.0, path: Path | None = None) -> Shape:
    """A circle.

    Args:
        scale: of the paper.
        radius: in pixels.
    """
    if radius > 100:
        raise UsageError(f"the paper is too small for a radius of {radius}")
    return Shape("circle", scale=scale, radius=radius, path=path)


@dataclass(frozen=True)
class Pen:
    """A pen.

    Attributes:
        width: of a line.
        colors: of it.
    """

    width: int = 1
    colors: list[str] = field(default_factory=list)


def group(
    *, shapes: Sequence[Shape], kind: Literal["a", "b"] = "a", pen: Annotated[Pen | None, INLINE] = None
) -> Shape:
    """Several shapes."""
    return Shape("group", shapes=shapes, kind=kind, pen=pen)


def framed(shape: Shape, scale: int = 1) -> Shape:
    """A shape in a frame."""
    return Shape("framed", shape=shape, scale=scale)


SHAPES: Registry[Shape] = Registry(
    Shape, "shape", {"circle": circle, "group": group, "framed": framed}, supplied=("scale",)
)


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A drawing.

    Attributes:
        name: of the drawing.
        shape: what is drawn.
        others: more of them.
        pen: what with.
    """

    name: Annotated[str, OneWord(of_file=True)] = ""
    paper: Annotated[Path, ExistingFile()]
    shape: Annotated[Setting[Shape], IDENTITY] = Setting.of(SHAPES, "circle")
    others: Annotated[dict[str, Setting[Shape]], Labels()] = field(default_factory=dict)
    pen: Annotated[Pen, IDENTITY] = Pen(2)


Read = Callable[..., Any]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path / "file.yaml", (SHAPES,))


@pytest.fixture
def read(reader: Reader) -> Read:
    """Reads text as a type; problems are the reader's."""

    def value(text: str, hint: Any) -> Any:
        return reader.value(parse_document(text, "f"), hint, "key")

    return value
