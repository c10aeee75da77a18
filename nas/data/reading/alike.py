"""Tables that have the columns of another one, of the same kinds."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import ColumnKind, Columns, as_texts, is_missing, kind_of
from nas.data.number_forms import NumberForm, form_of
from nas.data.reading import first_rows, read_columns
from nas.data.reading.cells import as_times, date_in, number_in
from nas.data.reading.dialect import Dialect
from nas.data.skipping import Fault, Skipping
from nas.errors import UsageError, few

WHOSE = "{} has; rows without a target are for `nas predict`"
"""Who has the columns that a file of test samples needs, for errors."""

_PARQUET = ".parquet"


def read_alike(
    path: Path,
    kinds: Mapping[str, ColumnKind],
    dialect: Dialect = Dialect(),
    skipping: Skipping = Skipping(),
    *,
    whose: str,
    text: Collection[str] = (),
    forms: Mapping[str, NumberForm] = MappingProxyType({}),
) -> Columns:
    """Columns of a file by their names, with values of given kinds; others are ignored.

    A category is a text as it stands: codes such as 007 do not become numbers because this file has no others.

    Args:
        path: the file, as `read_columns` reads it.
        kinds: the kind of each column.
        dialect: how a text file is written.
        skipping: what happens to rows of a text file with more or fewer cells than its first line, and to those with a
            cell that is not of the kind of its column.
        whose: who has these columns, as in `the network reads`, for errors.
        text: columns that are text as it stands, in which no value is missing.
        forms: how columns write numbers, if not as `dialect` says.

    Raises:
        UsageError: a column is missing, or a value is not of its kind; names the row.
        IntegrityError, StorageError: as `read_columns`.
    """
    if path.name.lower().endswith(_PARQUET):
        columns = read_columns(path, text=text)
        check_names(kinds, columns.names, str(path), whose)
        columns = columns.only(list(kinds))
        texts = {name: as_texts(columns.column(name)) for name, kind in kinds.items() if kind == "category"}
    else:
        if not path.is_file():
            raise UsageError(f"{path}: there is no such file")
        check_names(kinds, first_rows(path, dialect, 0)[0], str(path), whose)
        known = [name for name, kind in kinds.items() if kind == "category"]
        columns = read_columns(path, dialect, skipping, text=known, forms=forms).only(list(kinds))
        texts = {name: without_missing(columns.column(name), dialect) for name in known if name not in text}
    columns = replace(columns.replaced(texts), forms=forms)
    return typed(columns, kinds, dialect, skipping)


def check_names(wanted: Collection[str], names: Sequence[str], called: str, whose: str) -> None:
    """Raises UsageError if a table lacks some of the columns that `whose` says who has."""
    if missing := [name for name in wanted if name not in names]:
        word = "columns" if len(missing) > 1 else "column"
        raise UsageError(
            f"{called} lacks the {word} {few(map(repr, missing), most=10)}, which {whose}; it has {few(names)}"
        )


def check_kinds(columns: Columns, kinds: Mapping[str, ColumnKind], whose: str) -> Columns:
    """Columns in memory by their names, with values of given kinds; others are ignored.

    Raises:
        UsageError: a column is missing, or its values are of another kind.
    """
    check_names(kinds, columns.names, columns.name, whose)
    texts: dict[str, NDArray[Any]] = {}
    for name, kind in kinds.items():
        column = columns.column(name)
        if kind == "category":
            texts[name] = as_texts(column)
        elif kind_of(column) != kind and len(places := np.flatnonzero(~is_missing(column))[:1]):
            got = f"got {column[places[0]]!r} in {columns.at(places)}"
            raise UsageError(f"{columns.name}: column {name!r}: expected {kind}s, which {whose}, {got}")
    return columns.only(list(kinds)).replaced(texts)


def typed(columns: Columns, kinds: Mapping[str, ColumnKind], dialect: Dialect, skipping: Skipping) -> Columns:
    """The rows whose numbers are numbers and whose dates are dates, with a note of the others.

    Args:
        columns: of which those of texts are read as their kinds say.
        kinds: the kinds of some columns.
        dialect: how the cells are written.
        skipping: what happens to rows with a cell of another kind.

    Raises:
        UsageError: there is one, or too many; names the row.
    """
    found, wrong = typed_rows(columns, kinds, dialect)
    faults = [*wrong.values()]
    what = f"rows of {columns.name}"
    skipping.check(faults, len(columns), what)
    return replace(found, notes=(*columns.notes, *skipping.note(faults, len(columns), what)))


def typed_rows(
    columns: Columns, kinds: Mapping[str, ColumnKind], dialect: Dialect
) -> tuple[Columns, Mapping[int, Fault]]:
    """The rows whose numbers are numbers and whose dates are dates, and what is wrong with the others, by place."""
    faults: dict[int, Fault] = {}
    arrays: dict[str, NDArray[Any]] = {}
    for name, kind in kinds.items():
        column = columns.column(name)
        if kind == "category" or column.dtype != object or is_missing(column).all():
            continue
        read: Callable[[str], Any] = (
            date_in if kind == "date" else partial(number_in, decimal=dialect.decimal, form=columns.forms.get(name))
        )
        known: Mapping[Any, Any] = {cell: None if cell is None else read(cell) for cell in dict.fromkeys(column)}
        for place in np.flatnonzero([cell is not None and known[cell] is None for cell in column]).tolist():
            where = f"{columns.name}, {columns.unit} {columns.rows[place]:,}"
            faults.setdefault(place, other_kind(where, name, kind, column[place]))
        if kind == "date":
            arrays[name] = np.array([known[cell] for cell in column], "datetime64[us]")
        else:
            arrays[name] = np.array([np.nan if known[cell] is None else known[cell] for cell in column], np.float64)
    found = columns.replaced(arrays)
    if faults:
        found = found[np.setdiff1d(np.arange(len(columns)), np.array(sorted(faults), np.intp))]
    return found, {place: faults[place] for place in sorted(faults)}


def other_kind(where: str, name: str, kind: ColumnKind, cell: object) -> UsageError:
    """The fault of a cell that is not of the kind of its column."""
    return UsageError(f"{where}: column {name!r}: expected a {kind}, got {cell!r}")


def as_in(
    columns: Columns, rows: NDArray[np.intp], names: Collection[str], dialect: Dialect
) -> tuple[dict[str, ColumnKind], dict[str, NumberForm]]:
    """The columns of texts whose values in some rows are all numbers or all dates.

    Returns:
        Which of the two they are, and how they write numbers, if not as `dialect` says.
    """
    kinds: dict[str, ColumnKind] = {}
    forms: dict[str, NumberForm] = {}
    for name in names:
        column = columns.column(name)
        values = [cell for cell in dict.fromkeys(column[rows]) if cell is not None] if column.dtype == object else []
        if not values:
            continue
        if all(number_in(cell, dialect.decimal) is not None for cell in values):
            kinds[name] = "number"
        elif as_times(np.array(values, object)) is not None:
            kinds[name] = "date"
        elif isinstance(form := form_of(values, dialect.decimal), NumberForm):
            kinds[name], forms[name] = "number", form
    return kinds, forms


def without_missing(column: NDArray[Any], dialect: Dialect) -> NDArray[np.object_]:
    """Texts without the spaces around them, and None for missing values."""
    stripped = {cell: cell.strip() for cell in dict.fromkeys(column)}
    found = np.empty(len(column), object)
    found[:] = [None if stripped[cell] in dialect.missing else stripped[cell] for cell in column]
    return found
