"""Rows of a table as their most unusual values."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.shown.records import RowValues

COLUMNS = 6


class Usual:
    """What is usual in a table.

    Args:
        inputs: samples of the table, `(N, F)`, whose last columns are codes of categories.
        categories: the number of codes of each categorical column.
    """

    def __init__(self, inputs: NDArray[Any], categories: Sequence[int]) -> None:
        self._numbers = inputs.shape[1] - len(categories)
        numbers = inputs[:, : self._numbers].astype(np.float64)
        self._mean, std = numbers.mean(axis=0), numbers.std(axis=0)
        self._std = np.where(std > 0, std, 1.0)
        self._surprise = [
            _surprise(inputs[:, self._numbers + place].astype(np.intp), codes) for place, codes in enumerate(categories)
        ]

    def surprises(self, row: NDArray[Any]) -> NDArray[np.float64]:
        """How unusual each value of a row `(F,)` is, in nats: minus the logarithm of the density of a standardised
        number under a normal distribution, relative to that of the mean, and of the share of a category, relative to
        that of the most frequent one."""
        numbers = 0.5 * ((row[: self._numbers] - self._mean) / self._std) ** 2
        codes = row[self._numbers :].astype(np.intp)
        known = [table[code] for table, code in zip(self._surprise, codes, strict=True)]
        return np.array([*numbers.tolist(), *known])


def unusual(row: NDArray[Any], usual: Usual, columns: Sequence[tuple[str, str]]) -> RowValues:
    """The most unusual values of a row, `(F,)`, with the name and the value of each column, in their order."""
    order = np.argsort(-usual.surprises(row), kind="stable")[:COLUMNS]
    return RowValues(tuple(columns[place] for place in order), max(0, len(columns) - COLUMNS))


def _surprise(codes: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    seen = np.bincount(codes, minlength=count)
    return np.asarray(-np.log((seen + 1) / (seen.max() + 1)))
