"""What the inputs of tables are, and how they are filled from columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import as_texts, is_missing
from nas.data.compact import LARGEST, Codes, coded
from nas.data.preparation.dates import DatePart, date_part
from nas.data.preparation.quantiles import to_normal
from nas.errors import UsageError


@dataclass(frozen=True)
class NumberInput:
    """An input that is a number.

    Attributes:
        column: its column.
        part: the part of the date that it is; None: the column has numbers.
        fill: what replaces missing values: the median of the training samples.
        marked: whether another input marks the samples whose value is missing: the training samples miss some.
        quantiles: values of the training samples at equal distances in probability, from the lowest to the highest;
            empty: numbers stay as they are.
    """

    column: str
    part: DatePart | None
    fill: float
    marked: bool
    quantiles: tuple[float, ...] = ()


@dataclass(frozen=True)
class CategoryInput:
    """An input that is the code of a category.

    Attributes:
        column: its column.
        values: the values with the codes from 1, the most frequent of the training samples first.
        codes: the number of codes. Code 0 stands for all other values, and for missing ones.
    """

    column: str
    values: tuple[str, ...]
    codes: int


class TableRows(Protocol):
    """What is read of the rows of a table, such as `Columns`."""

    @property
    def name(self) -> str:
        """Of the table, for messages."""
        ...

    def column(self, name: str, /) -> NDArray[Any]:
        """A column, as in `Columns.arrays`."""
        ...

    def codes(self, name: str, /) -> Codes | None:
        """A column of texts as codes; None: they are to be made."""
        ...

    def at(self, places: NDArray[np.intp], /) -> str:
        """Names rows by their places, for messages."""
        ...


def fill_rows(
    found: NDArray[Any], raw: TableRows, numbers: Sequence[NumberInput], categories: Sequence[CategoryInput]
) -> None:
    """Writes samples, `(N, F)`, with the errors of `Tables`."""
    marks = len(numbers)
    for place, number in enumerate(numbers):
        values, missing = values_of(raw, number.column, number.part)
        if number.marked:
            found[:, marks] = missing
            marks += 1
        filled = np.where(missing, number.fill, values)
        if len(bad := np.flatnonzero(~(np.abs(filled) <= LARGEST))):
            raise UsageError(
                f"{raw.name}: column {number.column!r} is {filled[bad[0]]} in {raw.at(bad)}, "
                f"expected a finite number of float32"
            )
        found[:, place] = to_normal(filled, number.quantiles) if number.quantiles else filled
    for place, category in enumerate(categories, start=marks):
        known = {value: code for code, value in enumerate(category.values, start=1)}
        codes = texts_of(raw, category.column)
        found[:, place] = np.array([known.get(text, 0) for text in codes.values], np.float32)[codes.codes]


def values_of(raw: TableRows, name: str, part: DatePart | None) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The numbers of an input, and which are missing."""
    column = raw.column(name)
    missing = is_missing(column)
    if part is not None and column.dtype.kind == "M":
        return date_part(column, part), missing
    if part is None and column.dtype.kind == "f":
        return column, missing
    if missing.all():
        return np.full(len(column), np.nan), missing
    wanted = "numbers" if part is None else "dates"
    first = np.flatnonzero(~missing)[:1]
    raise UsageError(f"{raw.name}: column {name!r}: expected {wanted}, got {column[first[0]]!r} in {raw.at(first)}")


def texts_of(raw: TableRows, name: str) -> Codes:
    """A column as texts."""
    return raw.codes(name) or coded(as_texts(raw.column(name)))
