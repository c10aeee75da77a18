"""Rows of a table as vectors: numbers, then the codes of categories."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from nas.arguments import Positive, checked
from nas.data.columns import ColumnKind, Columns
from nas.data.input_spec import InputSpec
from nas.data.preparation.dates import DATE_PARTS, DatePart
from nas.data.preparation.quantiles import fit_quantiles, from_normal
from nas.data.preparation.table_inputs import CategoryInput, NumberInput, fill_rows, texts_of, values_of

Scaling = Literal["standard", "quantile"]
"""`standard`: numbers stay as they are, and networks standardise them. `quantile`: numbers become normally distributed
over the training samples, as in Gorishniy et al. 2021."""

MOST_CATEGORIES = 1000
"""The number of values of a column that get a code of their own, by default."""

_AT_ONCE = 2**16
"""Rows that are prepared at a time: each column of them becomes float64."""


@checked
@dataclass(frozen=True)
class TableInputs:
    """How the columns of a table become inputs.

    Attributes:
        kinds: the kinds of columns that are not to be inferred, by name: `number`, `category` or `date`.
        scaling: `standard`: numbers stay as they are, and the network standardises them. `quantile`: each is made
            normally distributed over the training samples.
        max_categories: the number of values of a column that get a code of their own; the others share one.
    """

    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)
    scaling: Scaling = "standard"
    max_categories: Positive = MOST_CATEGORIES


@dataclass(frozen=True)
class Tables:
    """The preparation of tables.

    A sample is `(F,)` float32: a number for each of `numbers`, then 1 or 0 for each of them that is marked, if its
    value is missing or not, then a code for each of `categories`.

    Attributes:
        numbers: inputs that are numbers.
        categories: inputs that are codes.
        scaling: how numbers are scaled.
        complete: whether no sample of the data set lacks a value.
    """

    name: ClassVar[str] = "tables"

    numbers: tuple[NumberInput, ...]
    categories: tuple[CategoryInput, ...]
    scaling: Scaling
    complete: bool

    @property
    def input(self) -> InputSpec:
        marks = sum(one.marked for one in self.numbers)
        shape = (len(self.numbers) + marks + len(self.categories),)
        return InputSpec("table", shape, categories=tuple(one.codes for one in self.categories))

    @property
    def fits(self) -> bool:
        """Whether there are categories, missing values or quantiles."""
        return bool(self.categories) or not self.complete or self.scaling == "quantile"

    @property
    def note(self) -> str:
        """Nothing: what was inferred of columns is said by the source."""
        return ""

    @property
    def dtype(self) -> Literal["float32"]:
        """float32."""
        return "float32"

    def __call__(self, raw: Columns, out: NDArray[Any] | None = None) -> NDArray[np.float32]:
        """The samples, `(N, F)`.

        Raises:
            UsageError: a column is missing, has values of another kind, or a number that is not finite.
        """
        found: NDArray[np.float32] = np.empty((len(raw), *self.input.shape), np.float32) if out is None else out
        for start in range(0, len(raw), _AT_ONCE):
            rows = raw[np.arange(start, min(start + _AT_ONCE, len(raw)))]
            fill_rows(found[start : start + _AT_ONCE], rows, self.numbers, self.categories)
        return found

    @property
    def titles(self) -> list[str]:
        """What each input of a sample is, in their order."""
        numbers = [one.column if one.part is None else f"{one.column}: {one.part}" for one in self.numbers]
        marks = [f"{one.column} is missing" for one in self.numbers if one.marked]
        return [*numbers, *marks, *(one.column for one in self.categories)]

    def named(self, row: NDArray[Any]) -> list[tuple[str, str]]:
        """The title of each input of a sample `(F,)`, and its value as the table had it."""
        values, first = row.tolist(), len(row) - len(self.categories)
        found = [
            f"{from_normal(value, one.quantiles) if one.quantiles else value:.6g}"
            for one, value in zip(self.numbers, values, strict=False)
        ]
        found += ["yes" if value else "no" for value in values[len(found) : first]]
        for category, code in zip(self.categories, values[first:], strict=True):
            known = 0 < code <= len(category.values)
            found.append(category.values[int(code) - 1] if known else "another, or missing")
        return [*zip(self.titles, found, strict=True)]

    def refitted(self, raw: Columns) -> Self:
        """The preparation as fitted to other training samples: with the same inputs, and at most as many codes."""
        numbers = tuple(_fitted_number(raw, one, self.scaling) for one in self.numbers)
        categories = tuple(
            replace(one, values=_most_frequent(raw, one.column, one.codes - 1)) for one in self.categories
        )
        return replace(self, numbers=numbers, categories=categories)


def fit_tables(raw: Columns, inputs: TableInputs, kinds: Mapping[str, ColumnKind], *, complete: bool) -> Tables:
    """The preparation of tables, fitted to training samples.

    Args:
        raw: the training samples.
        inputs: what was said of the inputs.
        kinds: the kind of each column that is an input.
        complete: whether no sample of the data set, training sample or not, lacks a value.
    """
    numbers = []
    for name, kind in kinds.items():
        if kind == "category":
            continue
        parts = _varying_parts(raw, name) if kind == "date" else [None]
        gaps = bool(raw.missing(name).any())
        for place, part in enumerate(parts):
            numbers.append(NumberInput(name, part, 0.0, gaps and place == 0))
    categories = []
    for name, kind in kinds.items():
        if kind == "category":
            values = _most_frequent(raw, name, inputs.max_categories)
            categories.append(CategoryInput(name, values, len(values) + 1))
    return Tables(tuple(numbers), tuple(categories), inputs.scaling, complete).refitted(raw)


def _varying_parts(raw: Columns, name: str) -> list[DatePart | None]:
    """The parts of a date that differ between samples; the day if none does."""
    values = {part: values_of(raw, name, part)[0] for part in DATE_PARTS}
    varying = [part for part, found in values.items() if len(np.unique(found[~np.isnan(found)])) > 1]
    return [*(varying or DATE_PARTS[:1])]


def _fitted_number(raw: Columns, number: NumberInput, scaling: Scaling) -> NumberInput:
    values, missing = values_of(raw, number.column, number.part)
    present = values[~missing & np.isfinite(values)]
    fill = float(np.median(present)) if len(present) else 0.0
    quantiles = fit_quantiles(present) if scaling == "quantile" else ()
    return replace(number, fill=fill, quantiles=quantiles)


def _most_frequent(raw: Columns, name: str, most: int) -> tuple[str, ...]:
    """The most frequent values of a column; of equally frequent ones, those that are first in the alphabet."""
    codes = texts_of(raw, name)
    seen = np.bincount(codes.codes, minlength=len(codes.values)).tolist()
    counts = {text: count for text, count in zip(codes.values, seen, strict=True) if text is not None and count}
    return tuple(sorted(counts, key=lambda text: (-counts[text], text))[:most])
