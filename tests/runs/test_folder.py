"""The layout of a folder names every file of a run, and it is noticed when files of a run are missing."""

from pathlib import Path

import pytest

from nas.errors import Damaged
from nas.folders import Check
from nas.manifest import Manifest
from nas.runs.config import CONFIG
from nas.runs.folder import LAYOUT, STUDY, check_whole, holds_run
from tests.tiny_run import contents


def part_of(name: str) -> Check | None:
    """How a file is checked, by the layout."""
    for part in LAYOUT.parts:
        if any(name == one or (one.endswith("/") and name.startswith(one)) for one in part.names):
            return part.check
    return None


def test_the_layout_names_every_file_of_a_run(finished: Path) -> None:
    found = contents(finished)
    by_check = {check: {name for name in found if part_of(name) is check} for check in (*Check, None)}
    assert by_check[None] == set()
    assert by_check[Check.MANIFEST] == set(Manifest(finished))
    assert by_check[Check.OWN] == {STUDY, "manifest.json"}
    while_it_runs = {
        *("code/", "checkpoints/", "final_checkpoints/", "handed_over/", "salvaged.json"),
        *(f"{STUDY}.{end}" for end in ("holder", "fault")),
    }
    not_measured = {"baselines.json", "tuning.json"}
    names = {name for part in LAYOUT.parts for name in part.names}
    assert {name for name in names if not any(file.startswith(name) for file in found)} == (
        while_it_runs | not_measured
    )


def test_a_folder_that_holds_a_run(finished: Path, unfinished: Path, tmp_path: Path) -> None:
    assert holds_run(finished)
    assert holds_run(unfinished)
    (tmp_path / "empty").mkdir()
    assert not holds_run(tmp_path / "empty")
    (tmp_path / "empty" / CONFIG).touch()
    assert not holds_run(tmp_path / "empty"), "there is nothing to lose yet"
    (tmp_path / "empty" / STUDY).write_bytes(b"no database")
    assert holds_run(tmp_path / "empty")


@pytest.mark.parametrize("name", [STUDY, "manifest.json"])
def test_what_is_missing_of_a_run_is_noticed(name: str, copied: Path) -> None:
    check_whole(copied)
    (copied / name).unlink()
    with pytest.raises(Damaged, match=rf"{name} is missing"):
        check_whole(copied)


def test_nothing_is_missing_before_a_run_is_begun(tmp_path: Path) -> None:
    check_whole(tmp_path)
    check_whole(tmp_path / "none")
