"""Tables in text files: comma-separated values (RFC 4180) and the like.

Rows are read in chunks, and the cells of a column are converted together. A column whose first cell that is no number
comes in a later chunk is read once more, as texts.
"""

import array
from collections.abc import Collection, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from nas.data.columns import Columns
from nas.data.compact import Column
from nas.data.compact_columns import CompactColumns
from nas.data.memory import available_bytes
from nas.data.number_forms import NumberForm
from nas.data.reading.cells import NumberCells, TextCells
from nas.data.reading.dialect import Dialect
from nas.data.reading.number_columns import with_numbers
from nas.data.reading.opened import opened_text
from nas.data.reading.text_table import TextTable, begun
from nas.data.skipping import Fault, Skipping
from nas.errors import UsageError, few

CHUNK = 1024
"""Rows that are converted at a time."""


def read_delimited(
    path: Path,
    dialect: Dialect,
    skipping: Skipping,
    *,
    text: Collection[str] = (),
    forms: Mapping[str, NumberForm] | None = None,
) -> Columns:
    """The columns of a text file.

    A column is of numbers if all its cells are, but for missing ones; of points in time if all of them are dates of ISO
    8601; else of texts. Numbers with leading zeros, such as postal codes, are texts.

    Args:
        path: the file; it is decompressed if its name ends in `.gz` or `.xz`.
        dialect: how it is written.
        skipping: what happens to rows that have more or fewer cells than the first line.
        text: columns that are text as it stands.
        forms: how columns write numbers; None: their cells show it.

    Raises:
        UsageError, IntegrityError, StorageError: as `read_columns`.
    """
    columns = _scanned(path, dialect, skipping, text, frozenset(forms or ()))
    cells = [name for name in columns.names if name not in text and columns.codes(name) is not None]
    return with_numbers(columns, cells, dialect.decimal, forms)


def _scanned(path: Path, dialect: Dialect, skipping: Skipping, text: Collection[str], known: frozenset[str]) -> Columns:
    """The columns of a text file, of which those in `known` are texts; what was needed to read them is let go."""
    table, notes = begun(path, dialect)
    for name in text:
        if name not in table.names:
            raise UsageError(f"{path} has no column {name!r}; it has {few(table.names)}")
    while (scan := _Scan(table, frozenset(text), known)).read(skipping):
        known |= scan.late
    if not scan.lines:
        raise UsageError(f"{path} has no rows")
    read = len(scan.lines) + len(scan.faults), f"rows of {path.name}"
    skipping.check(scan.faults, *read)
    skipped = skipping.note(scan.faults, *read)
    lines = np.asarray(scan.lines)
    return Columns(CompactColumns(scan.finished()), path.name, lines, "line", (*notes, *skipped))


class _Scan:
    """One reading of a file.

    Args:
        table: the file.
        text: columns that are text as it stands.
        known: other columns of which a former reading found that they are texts.

    Attributes:
        columns: by name.
        lines: the line where each row begins.
        faults: rows of another length.
        late: columns that have to be read again, as texts.
    """

    def __init__(self, table: TextTable, text: frozenset[str], known: frozenset[str]) -> None:
        self._table, self._text = table, text
        self.columns: dict[str, NumberCells | TextCells] = {
            name: TextCells(None)
            if name in text
            else TextCells(table.dialect)
            if name in known
            else NumberCells(table.dialect)
            for name in table.names
        }
        self.lines = array.array("q")
        self.faults: list[Fault] = []
        self.late: frozenset[str] = frozenset()

    def read(self, skipping: Skipping) -> bool:
        """Reads the file; returns whether it has to be read again."""
        with opened_text(self._table.path, self._table.dialect.encoding) as file:
            rows = self._table.rows(file)
            while chunk := [*islice(rows, CHUNK)]:
                fitting = []
                for line, row in chunk:
                    if (fault := self._table.fault(line, row)) is None:
                        self.lines.append(line)
                        fitting.append(row)
                    else:
                        self.faults.append(fault)
                if self.faults and skipping.on_error == "stop":
                    raise self.faults[0]
                if fitting:
                    self._add(fitting)
        return bool(self.late)

    def finished(self) -> dict[str, Column]:
        """The columns as they are kept. They are taken one by one, so that little of them is there twice."""
        found: dict[str, Column] = {}
        for name in self._table.names:
            column = self.columns.pop(name)
            times = column.times() if isinstance(column, TextCells) and name not in self._text else None
            found[name] = column.column() if times is None else times
        return found

    def _add(self, rows: list[list[str]]) -> None:
        for name, cells in zip(self._table.names, zip(*rows, strict=True), strict=True):
            if name in self.late:
                continue
            try:
                self.columns[name].add(cells)
            except ValueError:
                if len(self.lines) > len(rows):
                    self.late |= {name}
                else:
                    self.columns[name] = TextCells(self._table.dialect)
                    self.columns[name].add(cells)
        self._check_memory()

    def _check_memory(self) -> None:
        held, left = sum(column.bytes for column in self.columns.values()), available_bytes()
        # The samples that are made of the columns take about as much again, and four bytes for each cell at least.
        held = max(held, 4 * len(self.lines) * len(self.columns))
        if left is not None and left < held:
            raise UsageError(
                f"{self._table.path} does not fit into memory: {len(self.lines):,} of its rows take "
                f"{held >> 20:,} MiB, and {left >> 20:,} MiB are left"
            )
