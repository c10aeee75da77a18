"""Columns of data files: where they are, how long they are, and what their cells stand for."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nas.document import Node
from nas.errors import Diagnostic, Mark
from nas.space import Value
from nas.tabular import data_file
from nas.tabular.data_file import BLANK, DataFile, written

NODE = Node("x", Mark("table.yaml", 1, 1))


def opened(file: Path) -> tuple[DataFile, list[Diagnostic]]:
    problems: list[Diagnostic] = []
    return DataFile(file, NODE, problems), problems


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("kind,size,acc\na,4,0.5\nb,,0.25\n,8e0,\n")
    return path


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    path = tmp_path / "data.npz"
    np.savez(path, flat=np.arange(3), grid=np.arange(6).reshape(3, 2), cube=np.zeros((3, 1, 1)), short=np.zeros(2))
    return path


def test_columns(csv: Path, npz: Path) -> None:
    data, problems = opened(csv)
    assert data.rows == 0
    assert data.column(NODE, "kind", "p") == ["a", "b", ""]
    assert data.rows == 3
    assert data.place(1) == "data.csv line 3", "the header is line 1"
    data, problems = opened(npz)
    assert data.column(NODE, "grid[1]", "p") == [1, 3, 5]
    assert data.place(1) == "data.npz row 1"
    for name in ("cube", "grid", "short", None):
        assert data.column(NODE, name, "p") is None
    assert [problem.message for problem in problems] == [
        "data.npz has no column 'cube'",
        "data.npz has no column 'grid'",
        "data.npz: short has 2 values",
        "data.npz has no column None",
    ]


def test_numbers(csv: Path) -> None:
    data, problems = opened(csv)
    assert data.numbers(NODE, "acc", "p") == pytest.approx([0.5, 0.25, np.nan], nan_ok=True)
    assert not problems
    data.numbers(NODE, "kind", "p")
    assert data.numbers(NODE, "missing", "p") is None
    assert [problem.message for problem in problems] == [
        "data.csv line 2: kind is not a number",
        "data.csv has no column 'missing'",
    ]


def test_options(csv: Path) -> None:
    data, problems = opened(csv)

    def options(name: str, known: Sequence[Value]) -> Sequence[Value] | None:
        return data.options(Node(name, NODE.mark), "p", {written(value): value for value in known})

    assert options("kind", ["a", "b"]) == ["a", "b", BLANK]
    assert options("size", [4, 8]) == [4, BLANK, 8], "8e0 is 8"
    assert not problems
    options("kind", ["a"])
    assert [problem.message for problem in problems] == ["data.csv line 3: no such option: 'b'"]


def test_files_that_cannot_be_read(tmp_path: Path, npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_file, "MOST_COLUMNS", 2)
    for file, message in ((tmp_path / "no.csv", "there is no such file"), (npz, "more than 2 columns")):
        data, problems = opened(file)
        assert data.column(NODE, "flat", "p") is None
        assert message in problems[0].message


def test_values_as_in_yaml() -> None:
    assert [written(value) for value in (True, np.False_, None, 4, 0.5, "x")] == [
        "true",
        "false",
        "null",
        "4",
        "0.5",
        "x",
    ]
