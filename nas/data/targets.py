"""The columns of targets, as tasks read targets."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import Columns, as_texts
from nas.data.reading.cells import is_number
from nas.errors import UsageError
from nas.tasks import AUTO, Classification, Regression

MOST_CLASSES = 20
"""A target of whole numbers is a class if it has at most so many different values."""


def read_targets(table: Columns, names: tuple[str, ...], task: str, notes: list[str]) -> tuple[NDArray[Any], str]:
    """The targets as the task reads them, and the name of the task as far as it is known.

    Args:
        table: the rows.
        names: the columns of the targets.
        task: the name of the task; `auto`: the targets decide.
        notes: takes what was inferred, a sentence each.

    Raises:
        UsageError: a target is not what the task has, or not finite.
    """
    columns = [table.column(name) for name in names]
    for name, column in zip(names, columns, strict=True):
        if column.dtype.kind == "M":
            raise UsageError(f"{table.name}: the target {name!r} is a date; expected classes or numbers")
        if column.dtype == object and len(names) > 1:
            raise UsageError(f"{table.name}: several targets are numbers; {name!r} has {column[0]!r}")
        if column.dtype != object and len(bad := np.flatnonzero(~np.isfinite(column))):
            raise UsageError(f"{table.name}: {table.at(bad)}: the target {name!r} is not finite")
    if len(columns) > 1:
        values = np.stack(columns, axis=1)
        marks = bool(np.isin(values, (0, 1)).all())
        if task == AUTO and not marks:
            task = Regression.name
        return values.astype(np.int64) if marks else values, task
    (column,), (name,) = columns, names
    if column.dtype == object:
        if task in (AUTO, Regression.name):
            _check_texts(table, name, column, task)
        return column, task
    whole = bool((column == np.trunc(column)).all())
    if task == AUTO:
        distinct = len(np.unique(column))
        task = Classification.name if whole and distinct <= MOST_CLASSES else Regression.name
        kind = f"{'whole ' if whole else ''}numbers, {distinct:,} different ones"
        notes.append(f"The target {name!r} has {kind}, so the task is {task}; `task:` names another")
    if task == Regression.name:
        if len(column) > 1 and (column == column[0]).all():
            raise UsageError(f"{table.name}: the target {name!r} is {as_texts(column[:1])[0]} in all rows")
        return column, task
    return column.astype(np.int64) if whole else as_texts(column).astype(str), task


def _check_texts(table: Columns, name: str, column: NDArray[Any], task: str) -> None:
    """Raises UsageError if a target of texts should be numbers: it is mostly, or the task has values."""
    texts = [text for text in dict.fromkeys(column) if not is_number(text)]
    if texts and (task == Regression.name or len(texts) < 0.1 * len(set(column))):
        where = table.at(np.flatnonzero(column == texts[0]))
        raise UsageError(
            f"{table.name}: the target {name!r} is {texts[0]!r} in {where}, expected a number; "
            f"`missing:` lists what stands for a missing value, and with `task: classification` the texts are classes"
        )
