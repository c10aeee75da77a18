"""Tables in Parquet files."""

import datetime
import importlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data.reading import parquet as reading
from nas.data.reading import read_columns
from nas.errors import IntegrityError, UsageError

arrow: Any = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
parquet: Any = importlib.import_module("pyarrow.parquet")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    columns = {
        "int": arrow.array([1, None, 3], arrow.int32()),
        "float": arrow.array([1.5, 2.5, None]),
        "decimal": arrow.array([Decimal("1.25"), None, Decimal("2.50")]),
        "bool": arrow.array([True, False, None]),
        "text": arrow.array(["x", None, "NA"]),
        "coded": arrow.array(["u", "v", "u"]).dictionary_encode(),
        "date": arrow.array([datetime.date(2024, 1, 31), None, datetime.date(1969, 1, 1)]),
        "time": arrow.array([1, None, 0], arrow.timestamp("s", tz="Europe/Berlin")),
        "took": arrow.array([1_500, None, 0], arrow.duration("ms")),
        "list": arrow.array([[1], [2], []]),
        "none": arrow.nulls(3),
    }
    path = tmp_path / "some.parquet"
    parquet.write_table(arrow.table(columns), path)
    return path


def test_types_of_columns(path: Path) -> None:
    found = read_columns(path)
    numbers = {"int": [1, None, 3], "float": [1.5, 2.5, None], "decimal": [1.25, None, 2.5], "none": [None] * 3}
    for name, values in {**numbers, "took": [1.5, None, 0]}.items():
        assert np.array_equal(found.arrays[name], np.array(values, np.float64), equal_nan=True)
    texts = {"bool": ["true", "false", None], "text": ["x", None, "NA"], "coded": ["u", "v", "u"]}
    for name, values in texts.items():
        assert found.arrays[name].tolist() == values
    for name, values in {"date": ["2024-01-31", "NaT", "1969-01-01"], "time": [1_000_000, "NaT", 0]}.items():
        assert np.array_equal(found.arrays[name], np.array(values, "datetime64[us]"), equal_nan=True)
    note = "Columns of some.parquet that are no numbers, texts or times are left out: 'list' (list<element: int64>)"
    assert found.notes == (note,)
    assert (found.rows.tolist(), found.unit) == ([1, 2, 3], "row")


def test_text_as_it_stands(path: Path) -> None:
    assert read_columns(path, text=("text",)).arrays["text"].tolist() == ["x", "", "NA"]
    with pytest.raises(UsageError, match=r"has no column of texts 'int'"):
        read_columns(path, text=("int",))


def test_a_damaged_file(path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], b"", content[:-4] + b"none"):
        path.write_bytes(damaged)
        with pytest.raises(IntegrityError, match=r"some\.parquet: the Parquet file is damaged"):
            read_columns(path)


def test_a_file_that_does_not_fit_into_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "available_bytes", lambda: 100)
    with pytest.raises(UsageError, match="does not fit into memory: its 3 rows take about"):
        read_columns(path)


def test_without_pyarrow(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'archwright\[tables\]'"):
        read_columns(path)
