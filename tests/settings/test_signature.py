"""Keys of what a mapping stands for."""

from functools import partial
from typing import Annotated, Any

import pytest

from nas.marks import INLINE, Presets
from nas.settings.signature import (
    ABSENT,
    REQUIRED,
    Further,
    Key,
    defaults_of,
    gathered,
    is_optional,
    keys_of,
    members_of,
    spelled_out,
)
from tests.settings.conftest import Drawing, Pen, circle, group


def test_keys_of_a_function() -> None:
    keys = keys_of(circle, ("scale",))
    assert {name: key.default for name, key in keys.items()} == {"radius": 1.0, "path": None}
    assert keys["radius"].about == "in pixels"
    assert keys_of(circle)["scale"].default is REQUIRED
    assert list(keys_of(partial(circle, 3))) == ["radius", "path"]


def test_keys_of_a_record_and_of_one_that_is_inline() -> None:
    assert list(keys_of(Drawing)) == ["name", "paper", "shape", "others", "pen"]
    assert keys_of(Drawing)["others"].default == {}
    keys = keys_of(group)
    assert [(key.name, key.inside) for key in keys.values()] == [
        ("shapes", ""), ("kind", ""), ("width", "pen"), ("colors", "pen")
    ]  # fmt: skip
    assert (keys["width"].default, keys["width"].about) == (1, "of a line")


def test_what_is_inline_becomes_its_record() -> None:
    assert gathered(group, {"kind": "b", "width": 3}) == {"kind": "b", "pen": Pen(3)}
    assert gathered(group, {"kind": "b"}) == {"kind": "b"}


def test_a_name_for_the_values_of_an_inline_record() -> None:
    pens = Presets({"thick": Pen(9, ["red"]), "thin": Pen()}, "a pen by name")

    def drawn(kind: str = "a", pen: Annotated[Pen | None, INLINE, pens] = None) -> None:
        """Draws."""

    keys = keys_of(drawn)
    assert list(keys) == ["kind", "pen", "width", "colors"]
    assert (keys["pen"].about, keys["pen"].default, keys["pen"].inside) == ("a pen by name", ABSENT, "")
    assert defaults_of(drawn) == {"kind": "a", "width": 1, "colors": []}
    assert spelled_out(drawn, {"kind": "b", "pen": "thick", "width": 3}) == {"kind": "b", "width": 3, "colors": ["red"]}
    assert spelled_out(drawn, {"width": 3}) == {"width": 3}
    assert list(keys_of(drawn, ("pen",))) == ["kind"]


def test_arguments_that_cannot_be_named_and_those_without_a_type() -> None:
    def loose(first, *others: int, last=2, **more: int) -> None:  # type: ignore[no-untyped-def]
        """Loose."""

    keys = keys_of(loose)
    assert {name: (key.type, key.default) for name, key in keys.items()} == {"first": (Any, REQUIRED), "last": (Any, 2)}


def test_further_keys_have_no_value_unless_one_is_given() -> None:
    wide = Key("wide", bool, False, "or narrow", inside="shape")

    def paint(*, tone: int = 1, **more: Annotated[Any, Further((wide,))]) -> None:
        """Paints."""

    assert keys_of(paint)["wide"] == Key("wide", bool, ABSENT, "or narrow")
    assert list(keys_of(paint, ("wide",))) == ["tone"]
    assert defaults_of(paint) == {"tone": 1}
    assert gathered(paint, {"wide": True}) == {"wide": True}


def test_an_object_that_can_be_called() -> None:
    class Maker:
        def __call__(self, *, size: int) -> None:
            """Makes."""

    assert keys_of(Maker())["size"].type is int


def test_a_broken_annotation() -> None:
    def broken(size: "Unknown") -> None:  # type: ignore[name-defined]  # noqa: F821  what is tested
        """Broken."""

    with pytest.raises(NameError):
        keys_of(broken)


def test_unions() -> None:
    assert members_of(int | None) == (int,)
    assert members_of(int | str | None) == (int, str)
    assert is_optional(int | None)
    assert not is_optional(int)
