"""Rank correlations with bootstrap intervals.

Spearman's ρ is the correlation of ranks, where ties share the mean of their ranks; Kendall's τ-b is the difference of
the shares of concordant and discordant pairs, corrected for ties. Resamples draw items with replacement, and the same
resamples serve all pairs of variables, so that differences of correlations are paired. Intervals are those of
`nas.statistics.estimate`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.statistics.estimate import Estimate, interval, resampled_seeds, times_drawn

Values = NDArray[np.float64]

FEWEST = 4
"""The fewest items."""
LEVEL = 0.95


@dataclass(frozen=True)
class Ranked:
    """Items to be correlated, and their resamples.

    Attributes:
        counts: (resamples, items) the multiplicity of each item in each resample; the first row is the sample itself.
    """

    counts: Values

    @classmethod
    def of(cls, items: int, *, resamples: int, seed: int) -> "Ranked":
        """So many items. Raises UsageError if they are fewer than `FEWEST`."""
        if items < FEWEST:
            raise UsageError(f"a rank correlation needs at least {FEWEST} networks, got {items}")
        drawn = times_drawn(resampled_seeds(items, resamples, np.random.default_rng(seed)))
        return cls(np.vstack([np.ones((1, items)), drawn]))

    @property
    def items(self) -> int:
        """The number of items."""
        return int(self.counts.shape[1])

    def spearman(self, x: Values, y: Values) -> Values:
        """(resamples,) ρ of each; NaN where a variable is constant. Infinite values are ranked as such."""
        first, second = self._centred(x), self._centred(y)
        return self._cosine((self.counts * first * second).sum(1), *(self._square(one) for one in (first, second)))

    def kendall(self, x: Values, y: Values) -> Values:
        """(resamples,) τ-b of each; NaN where a variable is constant."""
        signs = [_signs(one) for one in (x, y)]

        def pairs(weights: Values) -> Values:
            found: Values = ((self.counts @ weights) * self.counts).sum(1)
            return found

        return self._cosine(pairs(signs[0] * signs[1]), *(pairs(one * one) for one in signs))

    def estimate(self, values: Values) -> Estimate | None:
        """The first value with the interval of the others; None if it is undefined.

        Resamples in which it is undefined count as 0.
        """
        if np.isnan(values[0]):
            return None
        low, high = interval(np.nan_to_num(values[1:]), self.items, LEVEL)
        return Estimate(float(values[0]), float(low), float(high), LEVEL)

    def _centred(self, x: Values) -> Values:
        """(resamples, items) the rank of each item in each resample, minus their mean."""
        ordered, place = np.unique(x, return_inverse=True)
        held = np.zeros((len(self.counts), len(ordered)))  # how many draws have each value
        np.add.at(held.T, place, self.counts.T)
        ranks = np.cumsum(held, axis=1) - (held - 1) / 2
        centred: Values = ranks[:, place] - (self.items + 1) / 2
        return centred

    def _square(self, centred: Values) -> Values:
        found: Values = (self.counts * centred * centred).sum(1)
        return found

    @staticmethod
    def _cosine(product: Values, first: Values, second: Values) -> Values:
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Values = np.where(first * second > 0, product / np.sqrt(first * second), np.nan)
        return found


def _signs(x: Values) -> Values:
    """(items, items) 1 where the second is greater, -1 where it is less, 0 where they are equal."""
    found: Values = (x[None, :] > x[:, None]).astype(np.float64) - (x[None, :] < x[:, None])
    return found


def matrix(columns: Sequence[Values], correlate: Callable[[Values, Values], Values]) -> Values:
    """(columns, columns) the correlation of each pair in the sample itself."""
    found = np.ones((len(columns), len(columns)))
    for row, first in enumerate(columns):
        for column in range(row):
            found[row, column] = found[column, row] = correlate(first, columns[column])[0]
    return found
