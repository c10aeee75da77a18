"""Rows of tables without targets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import Columns, as_texts, is_missing
from nas.data.inputs.named import Named
from nas.data.intake import Intake
from nas.data.preparation.tables import CategoryInput, Tables
from nas.data.reading import Dialect, first_rows, read_columns
from nas.data.reading.cells import as_times, is_number
from nas.data.reading.in_memory import columns_of
from nas.data.skipping import Fault, Skipping
from nas.errors import UsageError, few

_PARQUET = ".parquet"


def read_tables(intake: Intake, path: Path, skipping: Skipping) -> Named:
    """The rows of a table, whose columns are found by their names; other columns are ignored.

    Cells that are not what their column was in training, such as a word among numbers, are faults of their rows.
    """
    preparation, dialect = _tables(intake), intake.files.dialect
    if path.name.lower().endswith(_PARQUET):
        columns = read_columns(path)
        columns = columns.only(_needed(preparation, columns.names, str(path)))
        texts = {one.column: columns.column(one.column) for one in preparation.categories}
    else:
        names = _needed(preparation, first_rows(path, dialect, 0)[0], str(path))
        # A column of codes such as 007 must not become numbers because there are no others in this file.
        known = [one.column for one in preparation.categories]
        columns = read_columns(path, dialect, skipping, text=known).only(names)
        texts = {name: _without_missing(columns.column(name), dialect) for name in known}
    columns = replace(columns, arrays={**columns.arrays, **texts})
    columns, notes = _typed(preparation, columns, dialect, skipping)
    return _named(preparation, columns, (*columns.notes, *notes))


def take_tables(intake: Intake, given: Any) -> Named:
    """The rows of a table in memory, as `nas.from_table` takes them."""
    preparation = _tables(intake)
    columns = columns_of(given, "inputs")
    return _named(preparation, columns.only(_needed(preparation, columns.names, "inputs")), ())


def _tables(intake: Intake) -> Tables:
    return cast(Tables, intake.preparation)


def _needed(preparation: Tables, names: Sequence[str], called: str) -> list[str]:
    """The columns that are inputs. Raises UsageError if the table lacks some."""
    needed = list(
        dict.fromkeys([*(one.column for one in preparation.numbers), *(one.column for one in preparation.categories)])
    )
    if missing := [name for name in needed if name not in names]:
        word = "columns" if len(missing) > 1 else "column"
        raise UsageError(
            f"{called} lacks the {word} {few(map(repr, missing), most=10)}, which the network reads; "
            f"it has {few(names)}"
        )
    return needed


def _without_missing(column: NDArray[Any], dialect: Dialect) -> NDArray[np.object_]:
    """Texts as they stand without the spaces around them, and None for missing values."""
    stripped = {cell: cell.strip() for cell in dict.fromkeys(column)}
    found = np.empty(len(column), object)
    found[:] = [None if stripped[cell] in dialect.missing else stripped[cell] for cell in column]
    return found


def _typed(
    preparation: Tables, columns: Columns, dialect: Dialect, skipping: Skipping
) -> tuple[Columns, tuple[str, ...]]:
    """The rows whose numbers are numbers and whose dates are dates, and what is said of the others."""
    dates = {one.column for one in preparation.numbers if one.part is not None}
    faults: dict[int, Fault] = {}
    arrays = dict(columns.arrays)
    for name in dict.fromkeys(one.column for one in preparation.numbers):
        column = columns.column(name)
        if column.dtype != object or is_missing(column).all():
            continue
        what = "a date" if name in dates else "a number"
        read: Callable[[str], Any] = _date if name in dates else partial(_number, dialect=dialect)
        known: Mapping[Any, Any] = {cell: None if cell is None else read(cell) for cell in dict.fromkeys(column)}
        for place in np.flatnonzero([cell is not None and known[cell] is None for cell in column]).tolist():
            where = f"{columns.name}, {columns.unit} {columns.rows[place]:,}"
            faults.setdefault(place, UsageError(f"{where}: column {name!r}: expected {what}, got {column[place]!r}"))
        if name in dates:
            arrays[name] = np.array([known[cell] for cell in column], "datetime64[us]")
        else:
            arrays[name] = np.array([np.nan if known[cell] is None else known[cell] for cell in column], np.float64)
    said = [faults[place] for place in sorted(faults)]
    what = f"rows of {columns.name}"
    skipping.check(said, len(columns), what)
    kept = np.setdiff1d(np.arange(len(columns)), np.array(sorted(faults), np.intp))
    return replace(columns, arrays=arrays)[kept], skipping.note(said, len(columns), what)


def _number(cell: str, dialect: Dialect) -> float | None:
    text = cell.replace(",", ".") if dialect.decimal == "," else cell
    return float(text) if is_number(text) else None


def _date(cell: str) -> np.datetime64 | None:
    times = as_times(np.array([cell], object))
    return None if times is None else cast(np.datetime64, times[0])


def _named(preparation: Tables, columns: Columns, notes: tuple[str, ...]) -> Named:
    """Rows by their numbers, and what is said of categories that the network does not know."""
    arrays, said = dict(columns.arrays), []
    for one in preparation.categories:
        arrays[one.column], unknown = _as_known(one, as_texts(columns.column(one.column)))
        if count := sum(unknown.values()):
            values = "values that the network does not know" if count > 1 else "value that the network does not know"
            said.append(f"column {one.column!r} has {count:,} {values}: {few(map(repr, unknown))}")
    names = [f"{columns.unit} {number}" for number in columns.rows]
    return Named(names, replace(columns, arrays=arrays), (*notes, *said))


def _as_known(category: CategoryInput, column: NDArray[Any]) -> tuple[NDArray[np.object_], Mapping[str, int]]:
    """A column with its values as the training samples had them, and how often each has one that these do not have."""
    known = frozenset(category.values)
    as_trained: dict[str | None, str | None] = {None: None}
    unknown: dict[str, int] = {}
    for cell in column:
        if cell not in as_trained:
            as_trained[cell] = cell if cell in known else next((form for form in _forms(cell) if form in known), cell)
        if as_trained[cell] is not None and as_trained[cell] not in known:
            unknown[cell] = unknown.get(cell, 0) + 1
    found = np.empty(len(column), object)
    found[:] = [as_trained[cell] for cell in column]
    return found, unknown


def _forms(cell: str) -> Sequence[str | None]:
    """How a column of numbers or of dates has a value: `1` for `1.0`."""
    forms: list[NDArray[Any]] = [np.array([float(cell)])] if is_number(cell) else []
    times = as_times(np.array([cell], object))
    return [str(as_texts(form)[0]) for form in (*forms, *([] if times is None else [times]))]
