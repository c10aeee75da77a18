"""Tables of what can be named."""

import pytest

from nas.settings import Registry
from tests.settings.conftest import SHAPES, Shape, circle


def test_a_registry_is_a_table_that_cannot_be_changed() -> None:
    assert list(SHAPES) == ["circle", "group", "framed"]
    assert SHAPES["circle"] is circle
    with pytest.raises(TypeError):
        SHAPES["circle"] = circle  # type: ignore[index]  # what is tested


def test_more_entries_are_another_registry() -> None:
    more: Registry[Shape] = SHAPES.extended({"disc": circle})
    assert list(more) == [*SHAPES, "disc"]
    assert (more.makes, more.kind, more.supplied) == (SHAPES.makes, "shape", ("scale",))
    assert "disc" not in SHAPES
