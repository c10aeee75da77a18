"""The repair of a folder of a kind made up here; tests/runs and tests/comparison repair the real ones."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from nas.driver.lock import exclusive
from nas.errors import StorageError
from nas.folders import Aside, Check, Kind, Layout, Part, Repaired, Rest, mend
from nas.manifest import MANIFEST, Manifest


def vouched(folder: Path) -> Mapping[str, bool]:
    """A file is right if it contains its own name."""
    names = ("log", "other", "none")
    return {name: (folder / name).exists() and (folder / name).read_text() == name for name in names}


def finish(manifest: Manifest, aside: Aside) -> Rest:
    return Rest("", f"make {' '.join(sorted({'log', 'other'} - set(manifest)))}", "FILE")


LAYOUT = Layout(
    "log",
    (
        Part(("log",), "", distinctive=True),
        Part(("parts/",), ""),
        Part(("page",), "", check=Check.NONE),
        Part(("log.lock",), "", check=Check.PROCESS),
    ),
)
KIND = Kind("thing", LAYOUT, lambda folder: os.path.lexists(folder / "log"), vouched, finish)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("log", "other"):
        Manifest(tmp_path).write(name, name.encode())
    return tmp_path


def test_a_whole_folder_is_left_as_it_is(folder: Path) -> None:
    assert mend(folder, KIND) == Repaired(folder, {}, None, "", "", "")


def test_damaged_files_are_moved_and_forgotten(folder: Path) -> None:
    (folder / "other").write_text("OTHER")
    (folder / "page").mkdir()
    found = mend(folder, KIND)
    assert set(found.damaged) == {"other", "page"}
    assert found.damaged["other"].startswith("was altered")
    assert (found.command, found.needs) == ("make other", "FILE")
    assert list(Manifest(folder)) == ["log"]
    assert found.to_dict()["aside"] == str(folder / "damaged" / "1")
    assert mend(folder, KIND).damaged == {}


def test_a_lost_manifest_is_made_of_what_is_vouched_for(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    (folder / "other").write_text("OTHER")
    assert mend(folder, KIND).damaged == {MANIFEST: "is missing", "other": f"cannot be verified without {MANIFEST}"}
    assert list(Manifest(folder)) == ["log"]


def test_where_nothing_was_begun_no_manifest_is_missing(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("other")
    assert mend(tmp_path, KIND).damaged == {}
    assert not (tmp_path / MANIFEST).exists()


def test_a_folder_in_use_is_left_as_it_is(folder: Path) -> None:
    (folder / "other").write_text("OTHER")
    with exclusive(folder / "log"), pytest.raises(StorageError, match="in use"):
        mend(folder, KIND)
    assert (folder / "other").read_text() == "OTHER"
