"""What the columns of a table are as inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import ColumnKind, Columns, is_missing, kind_of
from nas.data.reading.cells import is_number
from nas.errors import UsageError, few, nearest


@dataclass(frozen=True)
class ColumnKinds:
    """The kinds of the columns of a table.

    Attributes:
        of: the kind of each column that is an input, in the order of the table.
        notes: what was inferred, a sentence each.
    """

    of: Mapping[str, ColumnKind]
    notes: tuple[str, ...]


def infer_kinds(
    columns: Columns, given: Mapping[str, ColumnKind], train: NDArray[np.intp] | None = None
) -> ColumnKinds:
    """The kinds of the columns of a table.

    Columns of numbers are numbers, however few different ones there are; columns of points in time are dates. Texts are
    categories if a value has two rows or more on average. Left out are columns of one value, of texts most of which
    differ, and of whole numbers that number the rows.

    Args:
        columns: the inputs of all samples.
        given: kinds that are not inferred.
        train: the places of the samples that kinds are inferred from, ascending; None: all.

    Raises:
        UsageError: there is no such column, its values are not of the given kind, or no column is left.
    """
    for name in given:
        if name not in columns.arrays:
            guess = nearest(name, columns.names)
            hint = f"; did you mean {guess!r}?" if guess else ""
            raise UsageError(f"kinds: there is no input {name!r}{hint}; there are {few(columns.names)}")
    places = np.arange(len(columns)) if train is None else train
    seen = columns if train is None else columns[train]
    found: dict[str, ColumnKind] = {}
    left_out: dict[str, list[str]] = {}
    for name, column in seen.arrays.items():
        if name in given:
            _check(columns, name, given[name])
            found[name] = given[name]
            continue
        kind, why = _inferred(column, places)
        if kind is None:
            left_out.setdefault(why, []).append(name)
        else:
            found[name] = kind
    notes = [note for name in columns.names if name not in given for note in _stray_texts(seen, name)]
    notes += [
        f"{len(names)} column{'s are' if len(names) > 1 else ' is'} left out, {why}: {few(names)}"
        for why, names in left_out.items()
    ]
    if not found:
        raise UsageError(f"{columns.name} has no input; {'; '.join(notes) or 'no column is left'}")
    return ColumnKinds(found, (_counted(found), *notes))


def _inferred(column: NDArray[Any], places: NDArray[np.intp]) -> tuple[ColumnKind | None, str]:
    """The kind of a column of the rows at some places; None, and why, if it says nothing of a sample."""
    missing = is_missing(column)
    gaps = bool(missing.any())
    present = column[~missing] if gaps else column
    if not len(present) or (not gaps and bool((present == present[0]).all())):
        return None, "with one value"
    match column.dtype.kind:
        case "M":
            return "date", ""
        case "O":
            few_values = len(set(present.tolist())) <= max(len(present) / 2, 2)
            return ("category", "") if few_values else (None, "with texts most of which differ")
        case _:
            counts = len(column) > 2 and column[0] - places[0] in (0, 1)
            rows = counts and np.array_equal(column, places + (column[0] - places[0]))
            return (None, "with the numbers of the rows") if rows else ("number", "")


def _stray_texts(columns: Columns, name: str) -> Sequence[str]:
    """A sentence about a column that is of texts, though most of its values are numbers."""
    column = columns.arrays[name]
    if column.dtype != object:
        return ()
    values = dict.fromkeys(value for value in column if value is not None)
    others = [value for value in values if not is_number(value)]
    if not others or len(others) > len(values) / 4:
        return ()
    where = columns.at(np.flatnonzero(column == others[0])[:1])
    text = f"{name!r} is a column of texts because of {others[0]!r} in {where}, though most of its values are numbers"
    return (f"{text}; `missing:` lists what stands for a missing value",)


def _check(columns: Columns, name: str, kind: ColumnKind) -> None:
    """Raises UsageError if a column cannot be of a kind."""
    column = columns.arrays[name]
    if kind in (kind_of(column), "category"):
        return
    places = np.flatnonzero(~is_missing(column))[:1]
    value = f", got {column[places[0]]!r} in {columns.at(places)}" if len(places) else ""
    wanted = "numbers" if kind == "number" else "dates such as 2024-12-31 or 2024-12-31 18:30"
    raise UsageError(f"kinds: {name!r}: expected {wanted}{value}")


def _counted(kinds: Mapping[str, ColumnKind]) -> str:
    """How many columns there are of each kind, and which: `2 numbers (age, pay), 1 category (sex)`."""
    texts = []
    for kind, plural in (("number", "numbers"), ("category", "categories"), ("date", "dates")):
        names = [name for name, one in kinds.items() if one == kind]
        if names:
            texts.append(f"{len(names)} {kind if len(names) == 1 else plural} ({few(names, most=6)})")
    return f"The inputs are {', '.join(texts)}; `kinds:` names other kinds"
