"""The number of networks below a state that meet all bounds, from the histogram of their costs.

The histogram of a profile gives the number of completions for each cost. It is the sum of the histograms of the
profiles below, each shifted by the cost of the option that leads there. Histograms are computed from the end of the
network to its beginning, for all profiles of one height at once.

If exact histograms would exceed `MAX_ENTRIES` or `MAX_WORK`, similar costs are binned, as in Dyer's approximate
counting of knapsack solutions ("Approximate counting by dynamic programming", STOC 2003). A bin, or cell, stores the
number of its networks and their mean cost, so that errors do not accumulate.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.space.walks.profiles import Costs, Profiles

MAX_ENTRIES = 1_000_000
"""The maximum number of entries of all exact histograms together."""

MAX_WORK = 2_000_000
"""The maximum number of costs that are added for exact histograms (less than a second)."""

ROUGH_WORK = 1_500_000
"""The number of costs that are added for binned histograms; divided by the number of steps, the cells per profile."""

FEWEST_CELLS, MOST_CELLS = 16, 1_000

BITS = 10
"""The width of a cell is at least 2^-BITS of the window of its profile."""

Array = NDArray[Any]
Ints = NDArray[np.int64]


class Counts:
    """The histograms of all profiles.

    Attributes:
        exact: whether they are exact; if not, counts are rounded.
        entries: number of costs in all of them.
    """

    def __init__(self, profiles: Profiles, *, large: bool) -> None:
        """`large`: there are more completions than fit in 64 bits."""
        rows = _exact_rows(profiles, large=large)
        self.exact = rows is not None
        self._rows = rows or _rough_rows(profiles)
        self.entries = self._rows.entries
        self._histograms: dict[int, _Histogram] = {}

    def within(self, number: int, budget: Costs) -> int:
        """The number of completions of a profile within the budget."""
        histogram = self._histograms.get(number)
        if histogram is None:
            histogram = self._histograms[number] = self._rows.histogram(number)
        return histogram.within(budget)


class _Histogram:
    """The number of completions by cost, in units of 2^`exponent`; costs are means of cells of this `width`."""

    def __init__(self, costs: Array, ways: Array, width: Array, exponent: int) -> None:
        order = np.argsort(costs[:, 0], kind="stable")
        self._first, *self._others = costs[order].T.copy()
        self._ways = ways[order]
        self._width, self._exponent = tuple(width.tolist()), exponent
        # For a single maximum: cumulative counts.
        self._sums = None if self._others else [0, *np.cumsum(self._ways).tolist()]

    def within(self, budget: Sequence[float]) -> int:
        """The number of completions that cost at most `budget`."""
        found = self._within(budget)
        if not found and any(self._width):
            # Cells may overlap the budget although their means exceed it.
            found = self._within([most + wide for most, wide in zip(budget, self._width, strict=True)]) / 2
        if not self._exponent:
            return int(found)
        fraction, exponent = math.frexp(found)
        shift = exponent + self._exponent - 53
        digits = int(fraction * 2**53)
        return digits << shift if shift >= 0 else digits >> -shift

    def _within(self, budget: Sequence[float]) -> Any:
        place = self._first.searchsorted(budget[0], "right")
        if self._sums is not None:
            return self._sums[place]
        within = self._others[0][:place] <= budget[1]
        for column, most in zip(self._others[1:], budget[2:], strict=True):
            within &= column[:place] <= most
        return np.dot(self._ways[:place], within)


class _Rows:
    """The costs and counts of all profiles, concatenated."""

    def __init__(self, profiles: Profiles, kind: Any, ways: Any) -> None:
        self.costs: Array = np.zeros((1024, len(profiles.maxima)), dtype=kind)
        self.ways: Array = np.zeros(1024, dtype=ways)
        self.entries = 0
        self.first: Ints = np.zeros(len(profiles.all), dtype=np.int64)
        self.count: Ints = np.zeros(len(profiles.all), dtype=np.int64)
        self.exponents: Ints = np.zeros(len(profiles.all), dtype=np.int64)
        self.widths: Array = np.zeros((len(profiles.all), len(profiles.maxima)))
        end = profiles.windows[0]
        if end is not None:
            least = np.maximum(np.array([end.least], dtype=np.int64), 0)
            self.put(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), least, np.ones(1, dtype=np.int64))

    def put(self, numbers: Ints, owners: Ints, costs: Array, ways: Array) -> None:
        """Adds the rows of these profiles; `owners` are indices into `numbers`, in order."""
        end = self.entries + len(costs)
        while end > len(self.ways):
            self.costs = np.concatenate([self.costs, np.zeros_like(self.costs)])
            self.ways = np.concatenate([self.ways, np.zeros_like(self.ways)])
        self.costs[self.entries : end], self.ways[self.entries : end] = costs, ways
        count = np.bincount(owners, minlength=len(numbers))
        self.count[numbers] = count
        self.first[numbers] = self.entries + np.cumsum(count) - count
        self.entries = end

    def below(self, steps: "_Steps") -> tuple[Ints, Array, Array]:
        """For each row below: the step that leads there, its cost including that of the step, and its count."""
        count = self.count[steps.to]
        which = np.repeat(np.arange(len(count)), count)
        rows = np.arange(len(which)) - (np.cumsum(count) - count)[which] + self.first[steps.to][which]
        return which, self.costs[rows] + steps.costs[which], self.ways[rows]

    def histogram(self, number: int) -> _Histogram:
        rows = slice(self.first[number], self.first[number] + self.count[number])
        return _Histogram(self.costs[rows], self.ways[rows], self.widths[number], int(self.exponents[number]))


class _Steps(NamedTuple):
    """The steps of all profiles of one height.

    Attributes:
        numbers: the profiles.
        least, most: their windows; shape (profiles, maxima).
        owners: the profile of each step, as an index into `numbers`, in order.
        to: the profile that each step leads to.
        costs: the costs of the steps; shape (steps, maxima).
        ways: the number of options of each step.
    """

    numbers: Ints
    least: Ints
    most: Ints
    owners: Ints
    to: Ints
    costs: Ints
    ways: Ints


def _levels(profiles: Profiles) -> Iterator[_Steps]:
    """The reachable profiles by height, the lowest first."""
    reached = [number for number, window in enumerate(profiles.windows) if window is not None and number]
    reached.sort(key=lambda number: profiles.all[number].height)
    for _, level in groupby(reached, key=lambda number: profiles.all[number].height):
        numbers = list(level)
        windows = [window for number in numbers if (window := profiles.windows[number]) is not None]
        steps = [(owner, *step) for owner, number in enumerate(numbers) for step in profiles.all[number].steps]
        owners, costs, to, ways = zip(*steps, strict=True)
        yield _Steps(
            np.array(numbers),
            np.array([window.least for window in windows]),
            np.array([window.most for window in windows]),
            np.array(owners),
            np.array(to),
            np.array(costs),
            np.array(ways),
        )


def _exact_rows(profiles: Profiles, *, large: bool) -> _Rows | None:
    """Exact histograms; None if they are too large."""
    rows = _Rows(profiles, np.int64, np.object_ if large else np.int64)
    work = 0
    for steps in _levels(profiles):
        work += int(rows.count[steps.to].sum())
        if work > MAX_WORK:
            return None
        which, costs, ways = rows.below(steps)
        owners = steps.owners[which]
        ways = ways * steps.ways[which]
        costs = np.maximum(costs, steps.least[owners])
        kept = (costs <= steps.most[owners]).all(axis=1)
        owners, costs, ways = owners[kept], costs[kept], ways[kept]
        order = _order(owners, costs)
        owners, costs, ways = owners[order], costs[order], ways[order]
        first = _first_of_equal(owners, *costs.T)
        if rows.entries + len(first) > MAX_ENTRIES:
            return None
        rows.put(steps.numbers, owners[first], costs[first], np.add.reduceat(ways, first) if len(first) else ways)
    return rows


def _order(owners: Ints, costs: Ints) -> Ints:
    """The order of rows by owner and costs."""
    key = owners
    if len(costs):
        low, high = costs.min(axis=0), costs.max(axis=0)
        bits = [int(most - least).bit_length() for least, most in zip(low, high, strict=True)]
        if sum(bits) + len(owners).bit_length() >= 63:
            return np.lexsort((*costs.T[::-1], owners))
        for column, least, width in zip(costs.T, low, bits, strict=True):
            key = key << width | (column - least)
    return np.argsort(key)


def _first_of_equal(*columns: Array) -> Ints:
    """Where in sorted rows, given by columns, a new value begins."""
    new = np.ones(len(columns[0]), dtype=bool)
    new[1:] = False
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)


def _rough_rows(profiles: Profiles) -> _Rows:
    """Binned histograms."""
    rows = _Rows(profiles, np.float64, np.float64)
    many = sum(len(profile.steps) for profile in profiles.all)
    most = min(max(FEWEST_CELLS, ROUGH_WORK // max(1, many)), MOST_CELLS)
    for steps in _levels(profiles):
        which, costs, ways = rows.below(steps)
        owners = steps.owners[which]
        # Counts may exceed the range of floats: they are stored in units of a power of two, one per profile.
        below = rows.exponents[steps.to]
        unit = np.zeros(len(steps.numbers), dtype=np.int64)
        np.maximum.at(unit, steps.owners, below)
        ways = np.ldexp(ways * steps.ways[which], (below - unit[steps.owners])[which])
        costs = np.maximum(costs, steps.least[owners])
        kept = (costs <= steps.most[owners]).all(axis=1) & (ways > 0)
        owners, costs, ways, widths = _cells(owners[kept], costs[kept], ways[kept], len(unit), most)
        rows.widths[steps.numbers] = widths
        total = np.bincount(owners, ways, minlength=len(unit))
        shift = np.frexp(total)[1].astype(np.int64)
        rows.exponents[steps.numbers] = unit + shift
        rows.put(steps.numbers, owners, costs, np.ldexp(ways, -shift[owners]))
    return rows


def _cells(owners: Ints, costs: Array, ways: Array, profiles: int, most: int) -> tuple[Ints, Array, Array, Array]:
    """The rows of each profile binned into at most `most` cells, as narrow as possible; and the widths of the cells."""
    maxima = costs.shape[1]
    bits = min(BITS, 40 // maxima)
    low, high = np.zeros((profiles, maxima)), np.zeros((profiles, maxima))
    first = _first_of_equal(owners)
    if len(first):
        low[owners[first]] = np.minimum.reduceat(costs, first)
        high[owners[first]] = np.maximum.reduceat(costs, first)
    width = np.maximum((high - low) / (2**bits - 1), 1)
    while True:
        keys = owners
        for column in ((costs - low[owners]) / width[owners]).astype(np.int64).T:
            keys = keys << bits | column
        order = np.argsort(keys, kind="stable")
        owners, keys = owners[order], keys[order]
        first = _first_of_equal(keys)
        if not len(first):
            break
        weighted = np.add.reduceat(costs[order] * ways[order, None], first)
        ways = np.add.reduceat(ways[order], first)
        owners, costs = owners[first], np.rint(weighted / ways[:, None])
        full = np.bincount(owners, minlength=profiles) > most
        if not full.any():
            break
        width[full] *= 2
    return owners, costs, ways, np.where(width > 1, width, 0)
