"""Columns of text files with numbers as spreadsheets write them."""

from pathlib import Path
from typing import Any

from nas.data.columns import Columns
from nas.data.number_forms import NumberForm
from nas.data.reading import Dialect, read_columns


def _read(folder: Path, text: str, **dialect: Any) -> Columns:
    (folder / "some.csv").write_text(text, "utf-8-sig", newline="")
    return read_columns(folder / "some.csv", Dialect(**dialect))


def test_a_file_of_a_spreadsheet(tmp_path: Path) -> None:
    """Its first line says the separator, it begins with a byte order mark, and its decimals are commas."""
    found = _read(tmp_path, "sep=;\r\nprice;share;word\r\n1.234,50;5 %;a\r\n;12,5 %;b\r\n3;0 %;c\r\n")
    assert found.names == ("price", "share", "word")
    assert found.rows.tolist() == [3, 4, 5]
    assert found.column("price")[[0, 2]].tolist() == [1234.5, 3]
    assert found.column("share").tolist() == [5, 12.5, 0]
    assert found.forms == {"price": NumberForm(",", "."), "share": NumberForm(",", ".", "%")}
    assert found.notes == (
        "'price' has numbers with decimal commas, points between thousands: '1.234,50' is read as 1234.5",
        "'share' has numbers with decimal commas, points between thousands, % left out: '12,5 %' is read as 12.5",
    )


def test_what_may_have_two_meanings_stays_text_and_is_explained(tmp_path: Path) -> None:
    text = "a;b\n1,234;1\n2,345;2\n"
    found = _read(tmp_path, text)
    assert found.column("a").tolist() == ["1,234", "2,345"]
    assert found.notes == (
        "'a' is a column of texts, because '1,234' in line 2 may be 1234 or 1.234; `decimal: '.'` or `decimal: ','` "
        "says which",
    )
    assert _read(tmp_path, text, decimal=",").column("a").tolist() == [1.234, 2.345]
    assert _read(tmp_path, text, decimal=".").column("a").tolist() == [1234, 2345]


def test_one_cell_that_is_written_otherwise_keeps_a_column_text(tmp_path: Path) -> None:
    assert _read(tmp_path, "a;b\n1,5;1\n2.5;2\n").column("a").tolist() == ["1,5", "2.5"]
    assert _read(tmp_path, "a;b\n$5;1\n6;2\n").column("a").tolist() == ["$5", "6"]


def test_points_beside_decimal_commas(tmp_path: Path) -> None:
    """In a file with decimal commas, 1.234 may be a thousand; it is read as written, and the notes say so."""
    text = "a;b;c\n0,5;1.234;0.25\n1,5;2;0.1234\n"
    found = _read(tmp_path, text)
    assert found.column("b").tolist() == [1.234, 2]
    assert [note for note in found.notes if "points separate" in note] == [
        "'b' is read with decimal points, though other columns have decimal commas; with `decimal: ','`, its points "
        "separate thousands"
    ]
    assert _read(tmp_path, text, decimal=",").column("b").tolist() == [1234, 2]
