"""Declarations read as schemas."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from nas.schema.files import SchemaMaker, file_schema
from nas.settings import HIDDEN, INLINE, Keyed, Registry, Setting


@dataclass(frozen=True)
class _Inner:
    """Something inside. And more."""

    deep: bool = False


@dataclass(frozen=True)
class _Record:
    """A record."""

    inner: _Inner = field(default_factory=_Inner)
    beside: Annotated[_Inner, INLINE] = _Inner(deep=True)


class _Shape:
    """A shape."""


def _circle(given: int, *, radius: Annotated[float, Field(gt=0)] | None = None, path: Path | None = None) -> _Shape:
    """A circle.

    Args:
        given: by the run.
        radius: in pixels.
    """
    return _Shape()


def _group(*, shapes: Sequence[_Shape], kind: Literal["a", "b"] = "a", pair: tuple[float, ...] = (1.0,)) -> _Shape:
    """Several."""
    return _Shape()


SHAPES: Registry[_Shape] = Registry(_Shape, "shape", {"circle": _circle, "group": _group}, supplied=("given",))


@dataclass(frozen=True, kw_only=True)
class _File:
    """A file.

    Attributes:
        shape: what is drawn.
    """

    shape: Setting[_Shape] = Setting.of(SHAPES, "circle")
    records: Annotated[tuple[_Record, ...], Keyed("inner", short="deep")] = ()
    either: _Inner | _Record = _Inner()
    note: Annotated[str, HIDDEN] = ""


def test_a_factory_is_a_mapping() -> None:
    found = SchemaMaker().record(_circle, ("given",))
    assert (found["type"], found["additionalProperties"]) == ("object", False)
    assert found["properties"] == {
        "radius": {"type": ["number", "null"], "exclusiveMinimum": 0, "description": "in pixels", "default": None},
        "path": {"type": ["string", "null"], "default": None},
    }


def test_a_dataclass_is_a_mapping_and_what_is_inline_stands_in_it() -> None:
    found = SchemaMaker().of(_Record)["properties"]
    assert found["inner"]["properties"] == {"deep": {"type": "boolean", "default": False}}
    assert found["inner"]["description"] == "Something inside"
    assert found["deep"] == {"type": "boolean", "default": True}


def test_a_file() -> None:
    schema = file_schema(_File, (SHAPES,), "File")
    properties = schema["properties"]
    assert properties["shape"] == {"$ref": "#/$defs/shape", "description": "what is drawn", "default": "circle"}
    assert properties["note"]["doNotSuggest"]
    assert "default" not in properties["records"]
    assert list(properties["either"]["properties"]) == ["deep", "inner"]
    group = schema["$defs"]["shape"]["properties"]["group"]
    assert group["required"] == ["shapes"]
    assert group["properties"] == {
        "shapes": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/shape"}},
        "kind": {"type": "string", "enum": ["a", "b"], "default": "a"},
        "pair": {"type": "array", "items": {"type": "number"}, "default": [1.0]},
    }
    assert schema["$defs"]["shape"]["anyOf"][0]["enum"] == ["circle"], "a group has to be told what it is of"
