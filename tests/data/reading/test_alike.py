"""Tables that have the columns of another one."""

from pathlib import Path

import numpy as np
import pytest

from nas.data.columns import ColumnKind
from nas.data.number_forms import NumberForm
from nas.data.reading.alike import as_in, check_kinds, read_alike
from nas.data.reading.dialect import Dialect
from nas.data.reading.in_memory import columns_of
from nas.data.skipping import Skipping
from nas.errors import UsageError

KINDS: dict[str, ColumnKind] = {"size": "number", "code": "category", "day": "date"}


def _written(folder: Path, *lines: str) -> Path:
    (folder / "b.csv").write_text("\n".join(["more,day,code,size", *lines]), encoding="utf-8")
    return folder / "b.csv"


def test_columns_are_found_by_name_and_read_by_kind(tmp_path: Path) -> None:
    """Codes stay texts and words stay missing values, though all cells of this file look like numbers."""
    path = _written(tmp_path, "1,2024-01-02,12,1.5", "2,,NA,?")
    found = read_alike(path, KINDS, whose="a.csv has")
    assert found.names == ("size", "code", "day")
    assert found.column("code").tolist() == ["12", None]
    assert np.array_equal(found.column("size"), [1.5, np.nan], equal_nan=True)
    assert found.column("day")[0] == np.datetime64("2024-01-02")
    as_it_stands = read_alike(path, KINDS, whose="a.csv has", text=("code",))
    assert as_it_stands.column("code").tolist() == ["12", "NA"]


def test_columns_that_are_missing_and_values_of_another_kind(tmp_path: Path) -> None:
    path = _written(tmp_path, "1,2024-01-02,12,1.5", "2,soon,NA,2", "2,2024-01-02,x,big")
    with pytest.raises(
        UsageError, match=r"b\.csv lacks the columns 'a', 'b', which a\.csv has; it has more, day, code"
    ):
        read_alike(path, {**KINDS, "a": "number", "b": "date"}, whose="a.csv has")
    with pytest.raises(UsageError, match=r"^b\.csv, line 3: column 'day': expected a date, got 'soon'$"):
        read_alike(path, KINDS, whose="a.csv has")
    found = read_alike(path, KINDS, skipping=Skipping("skip", 0.7), whose="a.csv has")
    assert found.rows.tolist() == [2]
    assert found.notes[0].startswith("2 of 3 rows of b.csv cannot be read and are left out")
    with pytest.raises(UsageError, match="there is no such file"):
        read_alike(tmp_path / "none.csv", KINDS, whose="a.csv has")


def test_tables_in_memory() -> None:
    table = {"code": [1, 2], "size": [1.0, 2.0], "day": np.array(["2024-01-02", "NaT"], "datetime64[D]"), "x": [0, 0]}
    found = check_kinds(columns_of(table, "test"), KINDS, "a has")
    assert found.names == ("size", "code", "day")
    assert found.column("code").tolist() == ["1", "2"]
    with pytest.raises(UsageError, match=r"^test: column 'size': expected numbers, which a has, got '5' in row 0$"):
        check_kinds(columns_of({**table, "size": ["5", "6"]}, "test"), KINDS, "a has")
    assert check_kinds(columns_of({**table, "day": [None, None]}, "test"), KINDS, "a has").names[2] == "day"


def test_the_kinds_of_some_rows() -> None:
    texts = {"n": ["1", None, "x"], "d": ["2024-01-02", "2024-01-03", "x"], "t": ["a", "1", "2"], "f": [1.0, 2.0, 3.0]}
    columns = columns_of(texts, "some")
    assert as_in(columns, np.array([0, 1]), columns.names, Dialect()) == ({"n": "number", "d": "date"}, {})
    assert as_in(columns, np.array([2]), columns.names, Dialect()) == ({"t": "number"}, {})
    decimal = columns_of({"n": ["1,5", "2", "many"]}, "some")
    assert as_in(decimal, np.arange(2), ["n"], Dialect(decimal=",")) == ({"n": "number"}, {})
    assert as_in(decimal, np.arange(2), ["n"], Dialect()) == ({"n": "number"}, {"n": NumberForm(",", ".")})
    assert as_in(decimal, np.arange(3), ["n"], Dialect()) == ({}, {})


def test_numbers_are_written_as_in_the_other_table_and_not_otherwise(tmp_path: Path) -> None:
    """What a file alone would show, such as percent signs, is not read as other numbers."""
    forms = {"size": NumberForm(",", ".")}
    found = read_alike(_written(tmp_path, "1,,12,1.234"), KINDS, forms=forms, whose="a.csv has")
    assert found.column("size").tolist() == [1234]
    for cell, given in (("5%", {}), ("0.5", forms)):
        with pytest.raises(UsageError, match=rf"^b\.csv, line 2: column 'size': expected a number, got '{cell}'$"):
            read_alike(_written(tmp_path, f"1,,12,{cell}"), KINDS, forms=given, whose="a.csv has")
