"""Fixtures of comparisons."""

import shutil
from pathlib import Path

import pytest

from nas.comparison.compare import compare
from nas.tabular import Table, write_table
from tests.comparisons import COMPARISON, written
from tests.comparisons import comparison as comparison
from tests.comparisons import comparison_file as comparison_file
from tests.comparisons import space as space
from tests.comparisons import table as table


@pytest.fixture(scope="session")
def finished_comparison(table: Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished comparison; `folder` is to be changed."""
    place = tmp_path_factory.mktemp("comparison")
    write_table(table, place / "small.npz")
    return compare(written(place, COMPARISON), out=place / "out").folder


@pytest.fixture
def folder(finished_comparison: Path, tmp_path: Path) -> Path:
    """A copy of the finished comparison."""
    return Path(shutil.copytree(finished_comparison, tmp_path / "out"))


@pytest.fixture
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes most of the time of what is this small, and tests/pages looks at it."""
    monkeypatch.setattr(
        "nas.comparison.compare.write_comparison", lambda judged, folder, options: folder / "report.html"
    )
