"""Tables in text files: comma-separated values (RFC 4180) and the like.

Rows are read in chunks, and the cells of a column are converted together. A column whose first cell that is no number
comes in a later chunk is read once more, as texts.
"""

import array
import csv
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np

from nas.data.columns import Columns
from nas.data.compact import Column
from nas.data.compact_columns import CompactColumns
from nas.data.memory import available_bytes
from nas.data.number_forms import NumberForm
from nas.data.reading.cells import NumberCells, TextCells, is_number
from nas.data.reading.dialect import Delimiter, Dialect
from nas.data.reading.number_columns import with_numbers
from nas.data.reading.opened import opened_text
from nas.data.skipping import Fault, Skipping
from nas.errors import UsageError, few

CHUNK = 1024
"""Rows that are converted at a time."""

SAMPLE = 1 << 16
"""Characters at the beginning of a file by which its delimiter is recognised."""

MOST_CELL = 1 << 24
"""Characters of the longest cell; a longer one begins with a quote that is not closed."""

_SEPARATOR = re.compile(r'"?sep=([^\r\n"])"?[\r\n]{1,2}', re.IGNORECASE)
"""The first line by which spreadsheets say what separates cells."""

DELIMITERS: tuple[Delimiter, ...] = (",", ";", "\t", "|")


@dataclass(frozen=True)
class _Table:
    """A file and how it is read: a dialect whose delimiter and quotes are known, and the names of the columns.

    `begin` is the number of lines before the table: one, if the first line says `sep=;`, as spreadsheets have it.
    """

    path: Path
    dialect: Dialect
    names: tuple[str, ...] = ()
    begin: int = 0

    def rows(self, file: IO[str]) -> Iterator[tuple[int, list[str]]]:
        """The rows of a file after its header, each with the line where it begins. Empty lines are left out."""
        for _ in range(self.begin):
            file.readline()
        reader = csv.reader(
            file,
            delimiter=self.dialect.delimiter or ",",
            quoting=csv.QUOTE_MINIMAL if self.dialect.quotes else csv.QUOTE_NONE,
            strict=True,
        )
        header = self.dialect.header and bool(self.names)
        with _long_cells():
            while True:
                line = self.begin + reader.line_num + 1
                try:
                    row = next(reader, None)
                except csv.Error as error:
                    raise UsageError(
                        f"{self.at(line)}: a quoted cell is not closed, or goes on after its closing quote ({error}); "
                        f"with `quotes: false`, quotes are characters like others"
                    ) from None
                if row is None:
                    return
                if row and not header:
                    yield line, row
                header = header and not row

    def at(self, line: int) -> str:
        return f"{self.path}, line {line:,}"


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
    8601; else of texts. NumberCells with leading zeros, such as postal codes, are texts.

    Args:
        path: the file; it is decompressed if its name ends in `.gz` or `.xz`.
        dialect: how it is written.
        skipping: what happens to rows that have more or fewer cells than the first line.
        text: columns that are text as it stands.
        forms: how columns write numbers; None: their cells show it.

    Raises:
        UsageError, IntegrityError, StorageError: as `read_columns`.
    """
    table, notes = _begun(path, dialect)
    for name in text:
        if name not in table.names:
            raise UsageError(f"{path} has no column {name!r}; it has {few(table.names)}")
    known = frozenset(forms or ())
    while (scan := _Scan(table, frozenset(text), known)).read(skipping):
        known |= scan.late
    if not scan.lines:
        raise UsageError(f"{path} has no rows")
    read = len(scan.lines) + len(scan.faults), f"rows of {path.name}"
    skipping.check(scan.faults, *read)
    skipped = skipping.note(scan.faults, *read)
    lines = np.array(scan.lines, np.int64)
    columns = Columns(CompactColumns(scan.finished()), path.name, lines, "line", (*notes, *skipped))
    cells = [name for name in columns.names if name not in text and columns.codes(name) is not None]
    return with_numbers(columns, cells, dialect.decimal, forms)


def first_rows(path: Path, dialect: Dialect, count: int) -> tuple[tuple[str, ...], list[list[str]]]:
    """The names of the columns of a text file, and the cells of its first rows as they stand.

    Raises:
        UsageError, IntegrityError, StorageError: as `read_columns`.
    """
    table, _ = _begun(path, dialect)
    with opened_text(path, dialect.encoding) as file:
        return table.names, [row for _, row in islice(table.rows(file), count)]


def _begun(path: Path, dialect: Dialect) -> tuple[_Table, tuple[str, ...]]:
    """The table of a file, by its beginning, and what there is to say of it."""
    with opened_text(path, dialect.encoding) as file:
        sample = file.read(SAMPLE)
    if "\0" in sample:
        raise UsageError(f"{path} is no text file: it has NUL characters")
    said = _SEPARATOR.match(sample)
    if said is not None:
        sample = sample[said.end() :]
    delimiter = dialect.delimiter or _announced(said, path) or _sniffed(sample, path)
    quotes = delimiter != "\t" if dialect.quotes is None else dialect.quotes
    return _named(_Table(path, replace(dialect, delimiter=delimiter, quotes=quotes), begin=int(said is not None)))


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

    def __init__(self, table: _Table, text: frozenset[str], known: frozenset[str]) -> None:
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
        width = len(self._table.names)
        with opened_text(self._table.path, self._table.dialect.encoding) as file:
            rows = self._table.rows(file)
            while chunk := [*islice(rows, CHUNK)]:
                fitting = []
                for line, row in chunk:
                    if len(row) == width:
                        self.lines.append(line)
                        fitting.append(row)
                    else:
                        place = self._table.at(line)
                        self.faults.append(UsageError(f"{place}: expected {width} cells, got {len(row)}"))
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
        # The samples that are made of the columns take about as much again.
        if left is not None and left < held:
            raise UsageError(
                f"{self._table.path} does not fit into memory: {len(self.lines):,} of its rows take "
                f"{held >> 20:,} MiB, and {left >> 20:,} MiB are left"
            )


def _named(table: _Table) -> tuple[_Table, tuple[str, ...]]:
    """The table with the names of its columns, and what there is to say of them."""
    path, header = table.path, table.dialect.header
    with opened_text(path, table.dialect.encoding) as file:
        _, first = next(table.rows(file), (0, []))
    if not first:
        raise UsageError(f"{path} has no rows")
    cells = [cell.strip() for cell in first]
    names = tuple(cell if header and cell else f"column {place}" for place, cell in enumerate(cells, start=1))
    hint = "for a file without names of columns: `header: false`"
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise UsageError(
            f"{table.at(table.begin + 1)}: two columns have the same name, {few(map(repr, twice))}; {hint}"
        )
    numbers = [cell for cell in cells if is_number(cell)]
    notes = [
        f"The first line of {path.name} is read as names of columns, one of them {number!r}; {hint}"
        for number in numbers
    ]
    return replace(table, names=names), tuple(notes[:1] if header else ())


def _announced(said: re.Match[str] | None, path: Path) -> Delimiter | None:
    """The delimiter that the first line of a file says; None: it says none. Raises UsageError if it is no such one."""
    if said is None:
        return None
    found = next((delimiter for delimiter in DELIMITERS if delimiter == said[1]), None)
    if found is None:
        known = ", ".join(map(repr, DELIMITERS))
        raise UsageError(f"{path}, line 1: {said[0].strip()!r}: expected one of {known} as the delimiter")
    return found


def _sniffed(sample: str, path: Path) -> Delimiter:
    """The delimiter that divides the first lines into the most cells, equally many in as many lines as possible."""
    lines = sample.splitlines(keepends=True)[:50]
    if len(lines) > 1 and len(sample) == SAMPLE:
        lines.pop()  # it may be cut off
    first: Delimiter = "\t" if ".tsv" in path.name.lower() else ","
    best, best_score = first, (0.0, 1)
    for delimiter in dict.fromkeys((first, *DELIMITERS)):
        # Not strict: a quote is closed by the end of the sample.
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        if rows and len(rows[0]) > 1:
            score = sum(len(row) == len(rows[0]) for row in rows) / len(rows), len(rows[0])
            if score > best_score:
                best, best_score = delimiter, score
    return best


@contextmanager
def _long_cells() -> Iterator[None]:
    """Cells may be longer than the 131,072 characters that `csv` allows."""
    before = csv.field_size_limit(MOST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
