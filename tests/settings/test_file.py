"""Whole files, by their declaration."""

from pathlib import Path

import pytest

from nas.document import parse_document
from nas.errors import SpecError
from nas.settings import Draft, identity, plain, read_file
from nas.settings.file import elsewhere
from nas.settings.signature import keys_of
from tests.settings.conftest import SHAPES, Drawing, Pen


@pytest.fixture(autouse=True)
def _paper(tmp_path: Path) -> None:
    (tmp_path / "p.txt").touch()


def read(text: str, folder: Path, *overrides: str) -> Draft[Drawing]:
    return read_file(Drawing, parse_document(text, "f"), folder / "mine.yaml", (SHAPES,), overrides=overrides)


def test_a_file_and_its_defaults(tmp_path: Path) -> None:
    found = read("paper: p.txt\nothers: {one: {circle: {radius: 2}}}\n", tmp_path, "pen.width=3").whole()
    assert (found.name, found.paper, found.pen) == ("mine", tmp_path / "p.txt", Pen(3))
    assert found.shape.name == "circle"
    assert found.others["one"].full["radius"] == 2.0
    assert identity(found) == {"shape": plain(found.shape), "pen": {"width": 3, "colors": []}}


def test_a_draft_has_what_could_be_read(tmp_path: Path) -> None:
    draft = read("shape: crcle\npen: {width: x}\nname: n\n", tmp_path)
    assert draft.wrong == {"paper", "shape", "pen"} | {""}
    assert (draft.config.name, draft.config.pen) == ("n", Pen())
    assert not vars(draft.config)["paper"]
    with pytest.raises(SpecError) as caught:
        draft.whole()
    assert [problem.path for problem in caught.value.problems] == ["", "shape", "pen.width"]


def test_a_file_is_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="a drawing file is a mapping"):
        read("[1]", tmp_path)


def test_keys_at_the_wrong_level(tmp_path: Path) -> None:
    assert elsewhere(keys_of(Drawing)) == {
        "radius": "shape.circle.radius",
        "path": "shape.circle.path",
        "width": "pen.width",
        "colors": "pen.colors",
    }
    (problem,) = read("paper: p.txt\nwidth: 3\n", tmp_path).problems
    assert problem.suggestion == "pen.width"
    (problem,) = read("paper: p.txt\npen: {radius: 3}\n", tmp_path).problems
    assert problem.suggestion == "shape.circle.radius"
