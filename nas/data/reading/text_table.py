"""Tables as text, cut into rows of cells: what separates cells, the names of the columns, and the lines of rows."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice, tee
from pathlib import Path

from nas.data.reading.cells import is_number
from nas.data.reading.dialect import Delimiter, Dialect
from nas.data.reading.opened import Flow, opened_text
from nas.errors import UsageError, few

SAMPLE = 1 << 16
"""Characters at the beginning of a file by which its delimiter is recognised."""

MOST_CELL = 1 << 24
"""Characters of the longest cell; a longer one begins with a quote that is not closed."""

_SEPARATOR = re.compile(r'"?sep=([^\r\n"])"?[\r\n]{1,2}', re.IGNORECASE)
"""The first line by which spreadsheets say what separates cells."""

DELIMITERS: tuple[Delimiter, ...] = (",", ";", "\t", "|")


@dataclass(frozen=True)
class TextTable:
    """A file and how it is read: a dialect whose delimiter and quotes are known, and the names of the columns.

    `begin` is the number of lines before the table: one, if the first line says `sep=;`, as spreadsheets have it.
    """

    path: Path | Flow
    dialect: Dialect
    names: tuple[str, ...] = ()
    begin: int = 0

    def rows(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """The rows after the header, each with the line where it begins. Empty lines are left out."""
        reader = csv.reader(
            islice(lines, self.begin, None),
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

    def fault(self, line: int, row: Sequence[str]) -> UsageError | None:
        """What is wrong with a row that has more or fewer cells than there are columns; None: nothing."""
        if len(row) == len(self.names):
            return None
        return UsageError(f"{self.at(line)}: expected {len(self.names)} cells, got {len(row)}")

    def at(self, line: int) -> str:
        return f"{self.path}, line {line:,}"


def first_rows(path: Path, dialect: Dialect, count: int) -> tuple[tuple[str, ...], list[list[str]]]:
    """The names of the columns of a text file, and the cells of its first rows as they stand.

    Raises:
        UsageError, IntegrityError, StorageError: as `read_columns`.
    """
    table, _ = begun(path, dialect)
    with opened_text(path, dialect.encoding) as file:
        return table.names, [row for _, row in islice(table.rows(file), count)]


def begun(path: Path, dialect: Dialect) -> tuple[TextTable, tuple[str, ...]]:
    """The table of a file, by its beginning, and what there is to say of it.

    Raises:
        UsageError, IntegrityError, StorageError: as `read_columns`.
    """
    with opened_text(path, dialect.encoding) as file:
        sample = file.read(SAMPLE)
    with opened_text(path, dialect.encoding) as file:
        return _begun(path, dialect, sample, file)


def begun_flow(flow: Flow, dialect: Dialect, lines: Iterator[str]) -> tuple[TextTable, tuple[str, ...], Iterator[str]]:
    """The table of lines that are read once, by their header alone, so that no further line is waited for.

    Returns:
        The table, what there is to say of it, and all of its lines.

    Raises:
        UsageError: there is no header, or it cannot be read.
    """
    first = next(lines, "")
    ahead, lines = tee(chain([first], lines))
    table, notes = _begun(flow, dialect, first, ahead)
    return table, notes, lines


def _begun(path: Path | Flow, dialect: Dialect, sample: str, lines: Iterable[str]) -> tuple[TextTable, tuple[str, ...]]:
    """The table that begins with `sample`, with the names of its columns, and what there is to say of it."""
    if "\0" in sample:
        raise UsageError(f"{path} is no text file: it has NUL characters")
    said = _SEPARATOR.match(sample)
    if said is not None:
        sample = sample[said.end() :]
    delimiter = dialect.delimiter or _announced(said, path) or _sniffed(sample, path)
    quotes = delimiter != "\t" if dialect.quotes is None else dialect.quotes
    table = TextTable(path, replace(dialect, delimiter=delimiter, quotes=quotes), begin=int(said is not None))
    header = table.dialect.header
    _, first = next(table.rows(lines), (0, []))
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


def _announced(said: re.Match[str] | None, path: Path | Flow) -> Delimiter | None:
    """The delimiter that the first line of a file says; None: it says none. Raises UsageError if it is no such one."""
    if said is None:
        return None
    found = next((delimiter for delimiter in DELIMITERS if delimiter == said[1]), None)
    if found is None:
        known = ", ".join(map(repr, DELIMITERS))
        raise UsageError(f"{path}, line 1: {said[0].strip()!r}: expected one of {known} as the delimiter")
    return found


def _sniffed(sample: str, path: Path | Flow) -> Delimiter:
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
