"""The report of a run, written again, or refused."""

from pathlib import Path

import pytest

from nas.errors import IntegrityError, UsageError
from nas.runs.report import write_report
from nas.runs.summary import explain, read_run
from tests.tiny_run import contents


def test_report_can_be_made_again(copied: Path, no_drawing: None) -> None:
    before = contents(copied)
    for name in ("report.html", "trials.csv"):
        (copied / name).unlink()
    assert write_report(copied) == copied / "report.html"
    assert contents(copied)["trials.csv"] == before["trials.csv"]


@pytest.mark.parametrize("name", ["study.db", "config.yaml", "space.yaml", "final.json", "manifest.json"])
def test_no_report_of_damaged_files(name: str, copied: Path) -> None:
    data = (copied / name).read_bytes()
    (copied / name).write_bytes(data[: len(data) // 2])
    before = contents(copied)
    with pytest.raises(IntegrityError, match=rf"\b{name}\b"):
        write_report(copied)
    assert contents(copied) == before


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    for read in (read_run, write_report, explain):
        with pytest.raises(UsageError, match="holds no run"):
            read(tmp_path)
    assert not list(tmp_path.iterdir())
