"""Tables read from their beginning to their end, some rows at a time: what is in memory does not grow with the file."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import numpy as np

from nas.data.columns import ColumnKind, Columns, as_texts
from nas.data.compact import Column, Plain, compact
from nas.data.compact_columns import CompactColumns
from nas.data.number_forms import NumberForm
from nas.data.reading.alike import check_names, typed_rows, without_missing
from nas.data.reading.cells import NumberCells, TextCells
from nas.data.reading.dialect import Dialect
from nas.data.reading.opened import Flow, opened_text
from nas.data.reading.parquet import parquet_chunks, parquet_names
from nas.data.reading.text_table import TextTable, begun, begun_flow
from nas.data.skipping import Fault
from nas.errors import UsageError

Chunk = tuple[Columns, Sequence[Fault]]
"""Some rows, and what is wrong with those between them that are left out, in their order."""

_PARQUET = ".parquet"


def read_chunks(
    source: Path | Flow,
    kinds: Mapping[str, ColumnKind],
    dialect: Dialect = Dialect(),
    *,
    rows: int,
    whose: str,
    text: Collection[str] = (),
    forms: Mapping[str, NumberForm] = MappingProxyType({}),
    say: Callable[[str], None],
) -> Iterator[Chunk]:
    """The rows that `read_alike` would read, at most `rows` of them at a time.

    Args:
        source: a file, or lines of text with a header; what separates the cells of these, the header alone shows.
        kinds, dialect, whose, text, forms: as for `read_alike`.
        rows: the most rows in memory.
        say: is told what a reader should know of how the table was read.

    Raises:
        UsageError: a column is missing.
        IntegrityError, StorageError: as `read_columns`.
    """
    if isinstance(source, Path) and source.name.lower().endswith(_PARQUET):
        check_names(kinds, parquet_names(source), str(source), whose)
        with closing(parquet_chunks(source, rows, text=text, only=kinds)) as chunks:
            for columns in chunks:
                texts = {name: as_texts(columns.column(name)) for name, kind in kinds.items() if kind == "category"}
                typed, wrong = typed_rows(columns.only(list(kinds)).replaced(texts), kinds, dialect)
                yield typed, [*wrong.values()]
        return
    with opened_text(source, dialect.encoding) as lines:
        table, notes, all_lines = (
            begun_flow(source, dialect, iter(lines))
            if isinstance(source, Flow)
            else (*begun(source, dialect), iter(lines))
        )
        for note in notes:
            say(note)
        check_names(kinds, table.names, str(source), whose)
        known = {name: (table.names.index(name), kind) for name, kind in kinds.items()}
        cut = table.rows(all_lines)
        while chunk := [*islice(cut, rows)]:
            fitting, faults = _fitting(table, chunk)
            cells = {
                name: _column([row[place] for _, row in fitting], kind, dialect, name in text, forms.get(name))
                for name, (place, kind) in known.items()
            }
            numbers = np.array([line for line, _ in fitting], np.int64)
            columns = Columns(CompactColumns(cells), str(source), numbers, "line", forms=forms)
            typed, wrong = typed_rows(columns, kinds, dialect)
            faults |= {int(numbers[place]): fault for place, fault in wrong.items()}
            yield typed, [faults[line] for line in sorted(faults)]


def first_columns(path: Path, dialect: Dialect, rows: int) -> Columns:
    """All columns of the first rows of a file. Raises the errors of `read_columns`."""
    if path.name.lower().endswith(_PARQUET):
        with closing(parquet_chunks(path, rows)) as chunks:
            first = next(chunks, None)
        if first is None:
            raise UsageError(f"{path} has no rows")
        return first
    table, _ = begun(path, dialect)
    with opened_text(path, dialect.encoding) as lines:
        chunk = [*islice(table.rows(lines), rows)]
    if not chunk:
        raise UsageError(f"{path} has no rows")
    fitting, _ = _fitting(table, chunk)
    columns = {
        name: _column([row[place] for _, row in fitting], None, dialect) for place, name in enumerate(table.names)
    }
    return Columns(CompactColumns(columns), path.name, np.array([line for line, _ in fitting], np.int64), "line")


def _fitting(
    table: TextTable, chunk: Sequence[tuple[int, list[str]]]
) -> tuple[Sequence[tuple[int, list[str]]], dict[int, Fault]]:
    """The rows that have as many cells as the header, and what is wrong with the others, by line."""
    faults: dict[int, Fault] = {line: fault for line, row in chunk if (fault := table.fault(line, row)) is not None}
    return [one for one in chunk if one[0] not in faults], faults


def _column(
    cells: Sequence[str],
    kind: ColumnKind | None,
    dialect: Dialect,
    as_it_stands: bool = False,
    form: NumberForm | None = None,
) -> Column:
    """Cells as texts, or, where they all are so, as numbers or as times. None: the kind is the one that they show."""
    if kind == "category":
        texts = TextCells(None)
        texts.add(cells)
        held = texts.column()
        return held if as_it_stands else compact(without_missing(held.array(), dialect))
    if form is None and kind != "date":
        numbers = NumberCells(dialect)
        with suppress(ValueError):
            numbers.add(cells)
            return numbers.column()
    texts = TextCells(dialect)
    texts.add(cells)
    if kind is not None and all(cell.strip() in dialect.missing for cell in cells):
        return Plain(np.full(len(cells), np.nan if kind == "number" else np.datetime64("NaT", "us")))
    times = None if kind == "number" else texts.times()
    return texts.column() if times is None else times
