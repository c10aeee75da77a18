"""Rows of tables in text files."""

from pathlib import Path

from nas.data.reading.dialect import Dialect
from nas.data.reading.opened import opened_text
from nas.data.reading.text_table import TextTable, begun
from nas.errors import UsageError
from nas.plain.scripts.samples import Record


def dialect_of(record: Record) -> Dialect:
    """How files are written."""
    return Dialect(**record["files"]["dialect"])


def rows_of(path: Path, record: Record) -> tuple[TextTable, list[tuple[int, list[str]]]]:
    """A table, and the cells of its rows, each with the line where it begins."""
    if path.name.lower().endswith(".parquet"):
        raise UsageError(f"{path}: expected a table as text, got Parquet, which `nas predict` reads")
    table, _ = begun(path, dialect_of(record))
    rows = []
    with opened_text(path, table.dialect.encoding) as file:
        for line, row in table.rows(file):
            if (fault := table.fault(line, row)) is not None:
                raise fault
            rows.append((line, row))
    return table, rows
