"""The columns of a table as questions that a decision tree may ask."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.data import Dataset
from nas.data.preparation.quantiles import from_normal
from nas.data.preparation.tables import Tables

MOST_VALUES = 20
"""The values of a category that are asked for, the most frequent ones."""


@checked
@dataclass(frozen=True)
class Column:
    """What a feature is.

    Attributes:
        name: of the column.
        value: the feature is 1 where the column has this value, else 0; empty: the column has numbers.
        quantiles: the feature is what `nas.data.preparation.quantiles.to_normal` makes of the number by these; empty:
            it is the number.
    """

    name: str
    value: str = ""
    quantiles: tuple[float, ...] = ()

    def condition(self, above: float, at_most: float) -> str:
        """What it says of the column that its feature is in `(above, at_most]`, in the unit of the column."""
        if self.value:
            return f"{self.name} is {self.value}" if above >= 0 else f"{self.name} is not {self.value}"
        low, high = (
            "" if np.isinf(bound) else show_number(from_normal(bound, self.quantiles) if self.quantiles else bound)
            for bound in (above, at_most)
        )
        if low and high:
            return f"{low} < {self.name} ≤ {high}"
        return f"{self.name} > {low}" if low else f"{self.name} ≤ {high}"


def show_number(value: float) -> str:
    """Four digits of a number; six from 1000 on, so that years and prices are whole."""
    return f"{value:.{6 if abs(value) >= 1000 else 4}g}"


@dataclass(frozen=True)
class TableColumns:
    """The features of the rows of a table.

    Attributes:
        columns: what they are: a number each, whether one is missing, and whether a category has a value.
        places: for each, its entry in a sample of the data set.
        codes: the code that the entry has where the feature is 1; -1: the feature is the entry.
    """

    columns: tuple[Column, ...]
    places: NDArray[np.intp]
    codes: NDArray[np.intp]

    def __call__(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """The features of samples `(N, F)`."""
        taken = inputs[:, self.places]
        return np.where(self.codes < 0, taken, taken == self.codes).astype(np.float32)


def table_columns(data: Dataset) -> TableColumns | None:
    """The features of the rows of a data set; None: it is no table."""
    if data.input.modality != "table":
        return None
    found: list[tuple[Column, int, int]] = []
    if isinstance(data.preparation, Tables):
        table = data.preparation
        numbers = len(table.numbers)
        for place, (one, title) in enumerate(zip(table.numbers, table.titles, strict=False)):
            found.append((Column(title, quantiles=one.quantiles), place, -1))
        marked = [one.column for one in table.numbers if one.marked]
        found += [(Column(name, "missing"), numbers + place, 1) for place, name in enumerate(marked)]
        for place, category in enumerate(table.categories, start=numbers + len(marked)):
            values = category.values[:MOST_VALUES]
            found += [(Column(category.column, value), place, code) for code, value in enumerate(values, start=1)]
    else:
        found = [(Column(f"feature {place}"), place, -1) for place in range(data.input.numbers)]
    columns, places, codes = zip(*found, strict=True)
    return TableColumns(tuple(columns), np.array(places), np.array(codes))
