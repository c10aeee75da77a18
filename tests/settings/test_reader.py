"""Nodes read as values of types, and every way in which they do not fit."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nas.document import parse_document
from nas.settings import Reader, Setting
from nas.settings.forms import WRONG
from tests.settings.conftest import SHAPES, Pen, Read, Shape

SHAPE_NAMES = "circle, group, framed"


def told(reader: Reader) -> list[str]:
    return [str(problem) for problem in reader.problems]


def test_values(read: Read, reader: Reader, tmp_path: Path) -> None:
    assert read("3", int) == 3
    assert read("3", float) == 3.0
    assert read("~", int | None) is None
    assert read("[1, 2]", Sequence[float]) == [1.0, 2.0]
    assert read("a/b", Path) == tmp_path / "a/b"
    assert read("~", Path | None) is None
    assert read("{width: 3}", Pen) == Pen(3)
    assert read("[anything, 1]", Any) == ["anything", 1]
    assert not reader.problems


def test_settings(read: Read, reader: Reader) -> None:
    found = read("circle", Shape)
    assert (found.name, found.arguments, found.full) == ("circle", {}, {"radius": 1.0, "path": None})
    assert read("circle", Setting[Shape]) == found
    found = read("{group: {shapes: [circle, {circle: {radius: 3}}], width: 2}}", Shape)
    assert [one.full.get("radius") for one in found.walk()] == [None, 1.0, 3.0]
    made = found.make({"scale": 5}, "key")
    assert [one.what["scale"] for one in made.what["shapes"]] == [5, 5]
    assert made.what["pen"] == Pen(2)
    assert [one.name for one in read("[circle, circle]", Sequence[Shape])] == ["circle", "circle"]
    assert not reader.problems


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("x", int, "f:1:1: key: a value does not fit (expected a valid integer, got the text 'x')"),
        ("[1, x]", list[int], "f:1:5: key.1: a value does not fit (expected a valid integer, got the text 'x')"),
        ("3", Path, "f:1:1: key: a value does not fit (expected a valid string, got 3)"),
        ("3", Pen, "f:1:1: key: a value does not fit (expected a mapping with width, colors, got 3)"),
        ("{widht: 3}", Pen, "f:1:2: key: no such key: 'widht' (expected width, colors; did you mean 'width'?)"),
        ("{colors: [1]}", Pen, "f:1:11: key.colors.0: a value does not fit (expected a valid string, got 1)"),
        (
            "circl",
            Shape,
            f"f:1:1: key: no shape is named 'circl' (expected {SHAPE_NAMES}; did you mean 'circle'?)",
        ),
        (
            "{radius: 3}",
            Shape,
            f"f:1:2: key: no shape is named 'radius' (expected {SHAPE_NAMES}; did you mean 'circle: {{radius: ...}}'?)",
        ),
        (
            "{circle: {}, framed: {shape: circle}}",
            Shape,
            "f:1:1: key: give one shape (expected a name, or {name: settings}; names are circle, group, framed, got "
            "a mapping with 'circle', 'framed')",
        ),
        ("~", Pen, "f:1:1: key: a value does not fit (expected a mapping with width, colors, got nothing)"),
        (
            "{circle: }",
            Shape,
            "f:1:9: key.circle: a value does not fit (expected a mapping with radius, path, got nothing)",
        ),
        ("{circle: {scale: 3}}", Shape, "f:1:11: key.circle: no such key: 'scale' (expected radius, path)"),
        (
            "{circle: 3}",
            Shape,
            "f:1:10: key.circle: a value does not fit (expected a mapping with radius, path, got 3)",
        ),
        (
            "{circle: {radius: 0}}",
            Shape,
            "f:1:19: key.circle.radius: a value does not fit (expected more than 0, got 0)",
        ),
        ("group", Shape, "f:1:1: key.group: 'shapes' is missing"),
        (
            "{group: {shapes: circle}}",
            Shape,
            "f:1:18: key.group.shapes: there are no shapes (expected a list of one or more, each a name, or {name: "
            "settings}, got the text 'circle')",
        ),
        ("1", Reader, "f:1:1: key: a file cannot give an argument of the type <class 'nas.settings.reader.Reader'>"),
    ],
)
def test_what_does_not_fit(text: str, hint: Any, expected: str, read: Read, reader: Reader) -> None:
    read(text, hint)
    assert told(reader) == [expected]


def test_mistakes_within_too_many_names_are_told(read: Read, reader: Reader) -> None:
    assert read("{circle: {radius: x}, goup: {}, group: {kind: c}}", Shape) is WRONG
    assert [problem.path for problem in reader.problems] == [
        "key",
        "key.circle.radius",
        "key",
        "key.group",
        "key.group.kind",
    ]


def test_all_that_is_wrong_is_told(read: Read, reader: Reader) -> None:
    read("{group: {shapes: [crcle, {circle: {radus: 1, radius: x}}], kind: c}}", Shape)
    assert [problem.path for problem in reader.problems] == [
        "key.group.shapes.0",
        "key.group.shapes.1.circle",
        "key.group.shapes.1.circle.radius",
        "key.group.kind",
    ]


def test_what_stands_for_one_of_several_records(read: Read, reader: Reader) -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Line:
        length: int
        pen: Pen = Pen()  # noqa: RUF009  it is frozen

    @dataclass(frozen=True)
    class Dot:
        place: int

    assert read("{length: 3, pen: {width: 2}}", Line | Dot) == Line(3, Pen(2))
    assert read("{place: 3}", Line | Dot) == Dot(3)
    assert not reader.problems
    assert read("{pen: {}}", Line | Dot) is WRONG
    assert told(reader) == [
        "f:1:1: key: a value does not fit (expected {length: ...} or {place: ...}, got a mapping with 'pen')"
    ]


def test_a_file_in_place_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text("3")

    def of_file(file: Path) -> Shape:
        return Shape(file.read_text())

    registry = type(SHAPES)(Shape, "shape", SHAPES, supplied=SHAPES.supplied, from_file=of_file)
    reader = Reader(tmp_path / "file.yaml", (registry,))
    found = reader.value(parse_document("some.txt"), Shape, "key")
    assert found.make({}, "key").name == "3"
    reader.value(parse_document("{some.txt: {size: 3}}"), Shape, "key")
    assert [str(one) for one in reader.problems] == [
        "<text>:1:13: key.some.txt: no such key: 'size' (expected no keys)"
    ]
