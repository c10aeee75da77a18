"""Rows of text files come with their lines, in the dialect of the record."""

from pathlib import Path

from nas.data.preparation.arrays import Arrays
from nas.data.reading.dialect import Dialect
from nas.data.reading.form import FileForm
from nas.plain.scripts.rows import dialect_of, rows_of
from tests.plain.executed import intake_with


def test_rows_have_their_lines(tmp_path: Path) -> None:
    dialect = Dialect(delimiter="|", missing=("-",))
    record = intake_with(Arrays("table", (1,), "float32"), FileForm(dialect)).to_dict()
    assert dialect_of(record) == dialect
    (tmp_path / "new.csv").write_text('a|b,c\n1|"2\n3"\n\n4|5\n')
    table, rows = rows_of(tmp_path / "new.csv", record)
    assert table.names == ("a", "b,c")
    assert rows == [(2, ["1", "2\n3"]), (5, ["4", "5"])]
