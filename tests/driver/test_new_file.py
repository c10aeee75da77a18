"""A new file is what Optuna would make of it, and is there when it is filled."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from optuna.storages import RDBStorage

from nas.driver.new_file import new_file


def content(path: Path) -> list[str]:
    """All tables and rows."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_it_is_what_optuna_makes(tmp_path: Path) -> None:
    storage = RDBStorage(f"sqlite:///{tmp_path / 'theirs.db'}")
    storage.remove_session()
    for name in ("first.db", "second.db"):
        with new_file(tmp_path / name) as made:
            assert made.get_all_studies() == []
        assert content(tmp_path / name) == content(tmp_path / "theirs.db")
        assert (tmp_path / name).read_bytes()[:20] == (tmp_path / "theirs.db").read_bytes()[:20], "page size, journal"


def test_a_file_that_is_not_filled_is_not_there(tmp_path: Path) -> None:
    (tmp_path / ".a.db.new").write_text("left over by a process that was killed")
    (tmp_path / ".a.db.new-journal").write_text("too")
    with pytest.raises(KeyError), new_file(tmp_path / "a.db"):
        raise KeyError
    assert not (tmp_path / "a.db").exists()
    with new_file(tmp_path / "a.db"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
