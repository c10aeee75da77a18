"""Tables read some rows at a time are those that are read as a whole."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas.data.columns import ColumnKind, Columns
from nas.data.number_forms import NumberForm
from nas.data.reading.alike import read_alike
from nas.data.reading.chunks import first_columns, read_chunks
from nas.data.reading.dialect import Dialect
from nas.data.reading.opened import Flow
from nas.data.skipping import Skipping
from nas.errors import UsageError

KINDS: Mapping[str, ColumnKind] = {"a": "number", "b": "date", "c": "category", "d": "number"}
FORMS = {"d": NumberForm(",", ".")}
CELLS = {
    "a": ("1", "2.5", "-1e3", "NA", "", "x", "007", "2024-01-01"),
    "b": ("2024-01-01", "2024-02-03T10:00Z", "", "soon", "7"),
    "c": ("red", "007", "7", "", "2024-01-01", " blue "),
    "d": ("1.000", "1,5", "12", "", "1.5"),
}


def _chunks(source: Path | Flow, rows: int, **options: Any) -> tuple[list[Columns], list[str], list[str]]:
    said: list[str] = []
    found: list[Columns] = []
    faults: list[str] = []
    for columns, wrong in read_chunks(source, KINDS, rows=rows, whose="a.csv has", say=said.append, **options):
        found.append(columns)
        faults += map(str, wrong)
    return found, faults, said


def _values(parts: Sequence[Columns], name: str) -> list[Any]:
    return [value for part in parts for value in part.column(name).tolist()]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(*(st.sampled_from(cells) for cells in CELLS.values())), min_size=1, max_size=12),
    st.integers(1, 13),
)
def test_chunks_of_any_size_are_the_table(rows: list[tuple[str, ...]], size: int) -> None:
    text = "extra;d;c;b;a\n" + "".join(f"9;{d};{c};{b};{a}\n" for a, b, c, d in rows)
    whole, wrong, _ = _chunks(_flow(text), 1000, forms=FORMS)
    parts, faults, said = _chunks(_flow(text), size, forms=FORMS)
    assert (faults, said) == (wrong, [])
    assert all(len(part) <= size for part in parts)
    assert [*np.concatenate([part.rows for part in parts])] == [*whole[0].rows]
    for name in KINDS:
        assert repr(_values(parts, name)) == repr(_values(whole, name))


def _flow(text: str) -> Flow:
    return Flow(io.BufferedReader(io.BytesIO(text.encode())), "standard input")


def test_they_are_what_is_read_alike(tmp_path: Path) -> None:
    """With the faults of cells, and of rows of another length."""
    rows = [
        f"{a};{CELLS['b'][place % 5]};{CELLS['c'][place % 6]};{CELLS['d'][place % 5]}"
        for place, a in enumerate(CELLS["a"] * 3)
    ]
    (tmp_path / "a.csv").write_text("\n".join(["a;b;c;d", *rows, "1;2"]) + "\n")
    whole = read_alike(tmp_path / "a.csv", KINDS, Dialect(), Skipping("skip", 1.0), whose="a.csv has", forms=FORMS)
    parts, faults, _ = _chunks(tmp_path / "a.csv", 5, forms=FORMS)
    assert [*np.concatenate([part.rows for part in parts])] == [*whole.rows]
    assert len(faults) == len(rows) + 1 - len(whole)
    assert faults[-1] == f"{tmp_path / 'a.csv'}, line 26: expected 4 cells, got 2"
    for name in KINDS:
        assert repr(_values(parts, name)) == repr([*whole.column(name).tolist()])


def test_parquet(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = {"c": ["x", None, "z"], "d": [1, 2, 3], "a": [0.5, None, 2.0], "b": [None, "2024-01-01", "soon"]}
    parquet.write_table(arrow.table({**table, "more": [[1], [2], [3]]}), tmp_path / "a.parquet")
    parts, faults, said = _chunks(tmp_path / "a.parquet", 2)
    assert [part.rows.tolist() for part in parts] == [[1, 2], []]
    assert _values(parts, "c") == ["x", None]
    assert (faults, said) == (["a.parquet, row 3: column 'b': expected a date, got 'soon'"], [])
    assert first_columns(tmp_path / "a.parquet", Dialect(), 2).names == ("c", "d", "a", "b")
    parquet.write_table(arrow.table({"a": arrow.array([], arrow.string())}), tmp_path / "a.parquet")
    with pytest.raises(UsageError, match=r"a\.parquet has no rows"):
        first_columns(tmp_path / "a.parquet", Dialect(), 2)


def test_a_column_that_is_missing() -> None:
    with pytest.raises(UsageError, match=r"standard input lacks the columns 'b', 'd', which a.csv has; it has a, c"):
        _chunks(_flow("a,c\n"), 5)


def test_the_first_rows_show_what_columns_are(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n;t;w\n1;2024-01-01;a b\n2;2024-01-02;7\nx;x;x\n")
    found = first_columns(tmp_path / "a.csv", Dialect(), 2)
    assert [found.column(name).dtype.kind for name in found.names] == ["f", "M", "O"]
    assert found.rows.tolist() == [2, 3]
    (tmp_path / "a.csv").write_text("n;t;w\n")
    with pytest.raises(UsageError, match=r"a\.csv has no rows"):
        first_columns(tmp_path / "a.csv", Dialect(), 2)
