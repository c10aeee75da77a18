"""Plain data: written out, by its paths, and what changed."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import yaml

from nas.data import Augment
from nas.settings import IDENTITY_IF_SET, changes, flat, plain
from nas.settings.setting import Setting
from nas.training import Recipe
from tests.settings.conftest import SHAPES, Drawing, Pen, Shape


def test_plain() -> None:
    value: Mapping[str, Any] = {"recipe": Recipe(epochs=2), "path": Path("a/b"), "pairs": ((1, 2.5), [None, True])}
    done = plain(value)
    assert done["recipe"]["augment"] == asdict(Augment())
    assert (done["path"], done["pairs"]) == (str(Path("a/b").absolute()), [[1, 2.5], [None, True]])
    assert yaml.safe_load(yaml.safe_dump(done)) == done


def test_settings_and_files() -> None:
    assert plain(Setting.of(SHAPES, "circle")) == {"circle": {"radius": 1.0, "path": None}}
    written = plain(Drawing(name="d", paper=Path("p"), pen=Pen(3)))
    assert list(written) == ["name", "paper", "shape", "others", "pen"]
    assert written["pen"] == {"width": 3, "colors": []}
    assert plain(Setting.of(SHAPES, "circle"), lambda setting: setting.name.upper()) == {
        "CIRCLE": {"radius": 1.0, "path": None}
    }


def test_an_identity_lacks_settings_that_are_not_set() -> None:
    """So that a new setting changes no run that was begun without it."""

    def dot(*, size: int = 1, blur: Annotated[int, IDENTITY_IF_SET] = 0) -> Shape:
        return Shape("dot", size=size, blur=blur)

    unset = Setting.of(SHAPES.extended({"dot": dot}), "dot")
    assert plain(unset) == {"dot": {"size": 1, "blur": 0}}
    assert plain(unset, hashed=True) == {"dot": {"size": 1}}
    blurred = replace(unset, full={"size": 1, "blur": 2})
    assert plain(blurred, hashed=True) == {"dot": {"size": 1, "blur": 2}}


def test_leaves_by_their_paths() -> None:
    value = {"a": {"b": [1, [2]], "c": [{"d": 3}, "e"], "f": {}}, "g": None}
    assert dict(flat(value)) == {"a.b": [1, [2]], "a.c.0.d": 3, "a.c.1": "e", "a.f": {}, "g": None}
    assert list(flat({})) == []


def test_what_changed() -> None:
    then = {"a": {"b": 1, "c": "x"}, "gone": 3, "list": [1, 2], "same": 1}
    now = {"a": {"b": 1.5, "c": "x"}, "list": [1, 3], "new": None, "same": 1}
    assert changes(then, now) == ["a.b: 1 -> 1.5", "gone: 3 -> (none)", "list: [1, 2] -> [1, 3]", "new: (none) -> null"]
    assert changes(then, then) == []
