"""Rows of tables without targets."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import ColumnKind, Columns, as_texts
from nas.data.inputs.named import Named
from nas.data.inputs.reading import Reading, Source
from nas.data.inputs.seen import Seen
from nas.data.intake import Intake
from nas.data.preparation.table_inputs import CategoryInput, NumberInput
from nas.data.preparation.tables import Tables
from nas.data.reading.alike import check_kinds
from nas.data.reading.cells import as_times, is_number
from nas.data.reading.chunks import read_chunks
from nas.data.reading.in_memory import columns_of

WHOSE = "the network reads"
"""Who has the columns that a table needs, for errors."""


def read_tables(reading: Reading, source: Source) -> Iterator[Named]:
    """The rows of a table, whose columns are found by their names; other columns are ignored.

    Cells that are not what their column was in training, such as a word among numbers, are faults of their rows.
    """
    preparation, files, seen = _tables(reading.intake), reading.intake.files, reading.seen
    chunks = read_chunks(
        source,
        kinds_of(preparation.numbers, preparation.categories),
        files.dialect,
        rows=reading.rows,
        whose=WHOSE,
        forms=files.numbers,
        say=seen.say,
    )
    for columns, faults in chunks:
        seen.leave_out(faults)
        yield _named(preparation, columns, seen)


def take_tables(reading: Reading, given: Any) -> Iterator[Named]:
    """The rows of a table in memory, as `nas.from_table` takes them."""
    preparation = _tables(reading.intake)
    columns = check_kinds(columns_of(given, "inputs"), kinds_of(preparation.numbers, preparation.categories), WHOSE)
    yield _named(preparation, columns, reading.seen)


def _tables(intake: Intake) -> Tables:
    return cast(Tables, intake.preparation)


def kinds_of(numbers: Sequence[NumberInput], categories: Sequence[CategoryInput]) -> Mapping[str, ColumnKind]:
    """The columns that are inputs, and their kinds."""
    kinds: dict[str, ColumnKind] = {}
    for number in numbers:
        kinds[number.column] = "number" if number.part is None else "date"
    for category in categories:
        kinds[category.column] = "category"
    return kinds


def _named(preparation: Tables, columns: Columns, seen: Seen) -> Named:
    """Rows by their numbers, with categories as the network knows them."""
    arrays: dict[str, NDArray[Any]] = {}
    for one in preparation.categories:
        arrays[one.column], unknown = _as_known(one, as_texts(columns.column(one.column)))
        seen.meet(one.column, unknown)
    return Named([f"{columns.unit} {number}" for number in columns.rows], columns.replaced(arrays))


def _as_known(category: CategoryInput, column: NDArray[Any]) -> tuple[NDArray[np.object_], Sequence[str]]:
    """A column with its values as the training samples had them, and its values that these do not have."""
    known = frozenset(category.values)
    as_trained: dict[str | None, str | None] = {None: None}
    unknown: list[str] = []
    for cell in column:
        if cell not in as_trained:
            as_trained[cell] = as_known(cell, known)
        if as_trained[cell] is not None and as_trained[cell] not in known:
            unknown.append(cell)
    found = np.empty(len(column), object)
    found[:] = [as_trained[cell] for cell in column]
    return found, unknown


def as_known(cell: str, known: Container[str]) -> str:
    """A value as the training samples had it, among them `known`: as it stands, or as columns of numbers or of dates
    have it, such as `1` for `1.0`."""
    return cell if cell in known else next((form for form in _forms(cell) if form in known), cell)


def _forms(cell: str) -> Sequence[str]:
    """How a column of numbers or of dates has a value."""
    forms: list[NDArray[Any]] = [np.array([float(cell)])] if is_number(cell) else []
    times = as_times(np.array([cell], object))
    return [str(as_texts(form)[0]) for form in (*forms, *([] if times is None else [times]))]
