"""Damaged files are moved to a numbered folder; nothing is deleted, and nothing is made without need."""

from pathlib import Path

import pytest

from nas.errors import StorageError
from nas.folders import Aside


def test_files_are_moved_to_a_new_numbered_folder(tmp_path: Path) -> None:
    (tmp_path / "damaged" / "7").mkdir(parents=True)
    (tmp_path / "damaged" / "notes").mkdir()
    (tmp_path / "inner").mkdir()
    for name in ("a", "inner/b"):
        (tmp_path / name).write_text(name)
    aside = Aside(tmp_path)
    aside.take("a", "was altered")
    aside.take("inner/b", "is cut off")
    aside.take("c", "is missing")
    aside.take_if_there("d", "is in the way")
    assert aside.damaged == {"a": "was altered", "inner/b": "is cut off", "c": "is missing"}
    assert aside.path == tmp_path / "damaged" / "8"
    for name in ("a", "inner/b"):
        assert (aside.path / name).read_text() == name
        assert not (tmp_path / name).exists()


def test_without_files_no_folder_is_made(tmp_path: Path) -> None:
    aside = Aside(tmp_path)
    aside.take("a", "is missing")
    assert (aside.path, list(tmp_path.iterdir())) == (None, [])


def test_what_is_of_another_type_is_moved(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    aside = Aside(tmp_path)
    aside.take_unless(Path.is_file, ("folder", "file", "none"), "file")
    aside.take_unless(Path.is_dir, ("file/", "none/"), "folder")
    assert aside.damaged == {"folder": "is not a file", "file": "is not a folder"}


def test_a_copy_leaves_the_file(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("old")
    aside = Aside(tmp_path)
    aside.copy("log", b"old", "is corrupt")
    assert (tmp_path / "log").read_text() == (tmp_path / "damaged/1/log").read_text() == "old"


def test_where_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "damaged").touch()
    (tmp_path / "a").touch()
    with pytest.raises(StorageError, match="damaged/1 cannot be made"):
        Aside(tmp_path).take("a", "was altered")
