"""The columns of a table, in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, cast

import numpy as np
from numpy.typing import NDArray

from nas.data.compact import Codes, compact
from nas.data.compact_columns import CompactColumns, smallest
from nas.data.number_forms import NumberForm
from nas.errors import UsageError, few, nearest

ColumnKind = Literal["number", "category", "date"]
"""`number`: a value on a scale. `category`: one of several values without an order. `date`: a point in time."""


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a table.

    Attributes:
        arrays: a column by name, `(N,)`: numbers as float64, in which NaN is a missing value; texts as an object array
            of `str`, and None for a missing value; points in time as `datetime64[us]` in UTC, and NaT. They are kept
            in smaller forms (`nas.data.compact`), and made whenever they are read.
        name: of the table, for messages.
        rows: the number by which a message names each row, `(N,)`, int32 or int64.
        unit: what that number counts: lines of a file, or rows of a table.
        notes: what a reader should know of how the table was read, a sentence each.
        forms: how columns of a text file write numbers, where that is not as `float` reads them.
    """

    arrays: Mapping[str, NDArray[Any]]
    name: str
    rows: NDArray[np.integer[Any]]
    unit: str = "row"
    notes: tuple[str, ...] = ()
    forms: Mapping[str, NumberForm] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", smallest(self.rows))
        if not isinstance(self.arrays, CompactColumns):
            kept = CompactColumns({name: compact(array) for name, array in self.arrays.items()})
            object.__setattr__(self, "arrays", kept)

    @property
    def _kept(self) -> CompactColumns:
        return cast(CompactColumns, self.arrays)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: NDArray[np.intp]) -> Self:
        return replace(self, arrays=self._kept.at(rows), rows=self.rows[rows])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.arrays)

    def column(self, name: str) -> NDArray[Any]:
        """A column.

        Raises:
            UsageError: there is no such column.
        """
        self._check(name)
        return self.arrays[name]

    def missing(self, name: str) -> NDArray[np.bool_]:
        """Which values of a column are missing, `(N,)`. Raises UsageError if there is no such column."""
        codes = self.codes(name)
        return is_missing(self.arrays[name]) if codes is None else is_missing(codes.values)[codes.codes]

    def codes(self, name: str) -> Codes | None:
        """A column of texts as codes; None: it is of another kind. Raises UsageError if there is no such column."""
        self._check(name)
        return self._kept.codes(name)

    def _check(self, name: str) -> None:
        if name not in self.arrays:
            guess = nearest(name, self.arrays)
            hint = f"; did you mean {guess!r}?" if guess else ""
            raise UsageError(f"{self.name} has no column {name!r}{hint}; it has {few(self.names)}")

    def single(self) -> None:
        """Rounds numbers to float32, here and in all tables that share these columns, to need half the memory.

        It is for columns of which nothing but inputs of float32 is made any more. A column stays as it is if a number
        is missing or too large.
        """
        self._kept.single()

    def only(self, names: Sequence[str]) -> Self:
        """Some of the columns, in this order. Raises UsageError if there is none of a name."""
        for name in names:
            self._check(name)
        return replace(self, arrays=self._kept.only(names))

    def without(self, names: Collection[str]) -> Self:
        """The other columns."""
        return replace(self, arrays=self._kept.only(name for name in self.names if name not in names))

    def replaced(self, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """With other columns in place of those of the same names."""
        columns = {name: compact(array) for name, array in arrays.items()}
        return replace(self, arrays=self._kept.replaced(columns))

    def joined(self, other: Self) -> Self:
        """These rows, followed by those of a table with the same columns."""
        for name in self.names:
            other._check(name)
        rows = np.concatenate([self.rows, other.rows])
        return replace(self, arrays=self._kept.joined(other._kept), rows=rows)

    def at(self, places: NDArray[np.intp], most: int = 5) -> str:
        """Names rows by their places, counted from 0, for messages: `lines 7, 12`."""
        return rows_at(self.unit, self.rows[places[: most + 1]].tolist(), most)


def rows_at(unit: str, numbers: Sequence[int], most: int = 5) -> str:
    """Names rows by their numbers, for messages: `lines 7, 12`."""
    texts = [f"{number:,}" for number in numbers]
    shown = ", ".join(texts[:most]) + (", …" if len(texts) > most else "")
    return f"{unit}{'s' if len(texts) > 1 else ''} {shown}"


def kind_of(column: NDArray[Any]) -> ColumnKind:
    """The kind of a column by its values; texts are categories."""
    return "date" if column.dtype.kind == "M" else "category" if column.dtype == object else "number"


def is_missing(column: NDArray[Any]) -> NDArray[np.bool_]:
    """Which values of a column are missing, `(N,)`."""
    if column.dtype == object:
        return np.array([value is None for value in column], bool)
    missing: NDArray[np.bool_] = np.isnat(column) if column.dtype.kind == "M" else np.isnan(column)
    return missing


def as_texts(column: NDArray[Any]) -> NDArray[np.object_]:
    """A column as texts: whole numbers without a point, and None for missing values."""
    if column.dtype == object:
        return column
    found = np.empty(len(column), object)
    if column.dtype.kind == "M":
        found[:] = [None if text == "NaT" else text for text in np.datetime_as_string(column)]
    else:
        found[:] = [
            None if number != number else str(int(number)) if number.is_integer() else repr(number)
            for number in column.tolist()
        ]
    return found


def longest_texts(columns: Columns, without: Collection[str] = ()) -> str:
    """The column of texts whose cells are longest on average, of those that are not in `without`.

    Raises:
        UsageError: there is none.
    """
    lengths = {
        name: sum(len(cell) for cell in cells if cell is not None)
        for name, cells in columns.without(without).arrays.items()
        if cells.dtype == object
    }
    if not lengths:
        beside = " beside those with a role" if without else ""
        raise UsageError(f"{columns.name} has no column of texts{beside}; it has {few(columns.names)}")
    return max(lengths, key=lengths.__getitem__)
