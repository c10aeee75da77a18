"""Things that a file names by a path."""

from pathlib import Path

import pytest

from nas.distillation import Distill
from nas.distillation.teacher import Teacher
from nas.document import from_object
from nas.settings import Reader, plain


@pytest.mark.parametrize("key", ["teacher", "unlabelled"])
def test_a_path_is_relative_to_the_file(key: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path / "run.yaml", ())
    read = reader.record(from_object({key: "there"}), Distill, "distill")
    assert not reader.problems
    assert plain(read)[key] == str(tmp_path / "there")
    assert plain(reader.record(from_object({key: None}), Distill, "distill"))[key] is None
    reader.record(from_object({key: 3}), Distill, "distill")
    (problem,) = reader.problems
    assert problem.path == f"distill.{key}"


def test_python_gives_paths_and_what_they_stand_for(tmp_path: Path) -> None:
    teacher = Teacher(tmp_path)
    assert Distill(teacher) == Distill(str(tmp_path)) == Distill(tmp_path)
