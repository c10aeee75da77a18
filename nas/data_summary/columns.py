"""The inputs of a table, column by column."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data import Dataset
from nas.data.preparation.tables import Tables
from nas.data_summary.blocks import spread
from nas.data_summary.records import ColumnFacts

MOST_ROWS = 200_000
"""Samples of a part that are looked at."""


def summarize_columns(data: Dataset) -> tuple[ColumnFacts, ...]:
    """What there is to know of each input, as it is prepared; arrays have neither names nor missing values."""
    parts = [np.asarray(part.inputs[spread(len(part), MOST_ROWS)]) for part in data.parts.values()]
    train, *others = parts
    table = data.preparation if isinstance(data.preparation, Tables) else None
    names = None if table is None else [_named(one.column, one.part) for one in table.numbers]
    found, marks = [], 0 if names is None else len(names)
    for place in range(data.input.numbers if names is None else len(names)):
        column, missing = train[:, place], 0
        if table is not None and table.numbers[place].marked:
            missing, marks = int(train[:, marks].sum()), marks + 1
        kind = "date" if table is not None and table.numbers[place].part is not None else "number"
        found.append(_number(f"feature {place}" if names is None else names[place], kind, column, missing))
    for place in range(len(data.input.categories)):
        at = data.input.numbers + place
        name, values = f"category {place}", None
        if table is not None:
            name, values = table.categories[place].column, table.categories[place].values
        found.append(_category(name, train[:, at], [one[:, at] for one in others], values))
    return tuple(found)


def _named(column: str, part: str | None) -> str:
    return column if part is None else f"{column}: {part}"


def _number(name: str, kind: str, column: NDArray[Any], missing: int) -> ColumnFacts:
    values = {"min": float(column.min()), "median": float(np.median(column)), "max": float(column.max())}
    return ColumnFacts(name, kind, missing, 0, len(np.unique(column)), values, "")


def _category(
    name: str, train: NDArray[Any], others: Sequence[NDArray[Any]], values: Sequence[str] | None
) -> ColumnFacts:
    codes, counts = np.unique(train[train > 0].astype(np.intp), return_counts=True)
    frequent = int(codes[counts.argmax()]) if len(codes) else 0
    shown = "" if not frequent else str(frequent) if values is None else values[frequent - 1]
    unknown = sum(int((one == 0).sum()) for one in others)
    return ColumnFacts(name, "category", int((train == 0).sum()), unknown, len(codes), {}, shown)
