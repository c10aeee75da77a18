"""How many networks below a state keep all bounds: from the histogram of what they cost.

The histogram of a profile says in how many ways its options lead to each cost. It is the sum of those of the profiles
below it, each moved by the cost of the option that leads there. They are made from the end of the network to its
beginning, all of one height at once.

Where exact histograms would take over `MAX_ENTRIES` or `MAX_WORK`, costs that are close are put together in cells, as
in Dyer's approximate counting of knapsack solutions ("Approximate counting by dynamic programming", STOC 2003). A cell
keeps how many networks are in it and the mean of what they cost, so that errors do not add up to a drift.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.space.walks.profiles import Costs, Profiles

MAX_ENTRIES = 1_000_000
"""Different costs in all exact histograms together."""

MAX_WORK = 2_000_000
"""Costs that are added up for them (less than a second)."""

ROUGH_WORK = 1_500_000
"""Costs that are added up where there are cells: this over the number of steps is how many cells a profile may have."""

FEWEST_CELLS, MOST_CELLS = 16, 1_000

BITS = 10
"""A cell is at least 2^-BITS as wide as the window of its profile."""

Array = NDArray[Any]
Ints = NDArray[np.int64]


class Counts:
    """The histograms of all profiles.

    Attributes:
        exact: whether they are exact; if not, what they count is rounded.
        entries: how many costs they hold.
    """

    def __init__(self, profiles: Profiles, *, large: bool) -> None:
        """`large`: there are more ways than 64 bits can count."""
        rows = _exact_rows(profiles, large=large)
        self.exact = rows is not None
        self._rows = rows or _rough_rows(profiles)
        self.entries = self._rows.entries
        self._histograms: dict[int, _Histogram] = {}

    def within(self, number: int, budget: Costs) -> int:
        """In how many ways a walk that comes to a profile can stay within the budget."""
        histogram = self._histograms.get(number)
        if histogram is None:
            histogram = self._histograms[number] = self._rows.histogram(number)
        return histogram.within(budget)


class _Histogram:
    """How many completions cost how much, in units of 2^`exponent`; costs are means of cells of this `width`."""

    def __init__(self, costs: Array, ways: Array, width: Array, exponent: int) -> None:
        order = np.argsort(costs[:, 0], kind="stable")
        self._first, *self._others = costs[order].T.copy()
        self._ways = ways[order]
        self._width, self._exponent = tuple(width.tolist()), exponent
        # Of one maximum alone: how many are cheaper than each.
        self._sums = None if self._others else [0, *np.cumsum(self._ways).tolist()]

    def within(self, budget: Sequence[float]) -> int:
        """How many cost at most `budget`."""
        found = self._within(budget)
        if not found and any(self._width):
            # Some cells may reach into the budget though their means do not.
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
    """Costs and ways of all profiles, one profile after another."""

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
        """Adds the rows of these profiles; `owners` are places in `numbers`, in order."""
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
        """Which step leads to each row below, what it costs by way of it, and in how many ways."""
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
        numbers: of the profiles.
        least, most: of their windows; shape (profiles, maxima).
        owners: places in `numbers`, one for each step, in order.
        to: the profiles that the steps lead to.
        costs: of the steps; shape (steps, maxima).
        ways: how many options each step is.
    """

    numbers: Ints
    least: Ints
    most: Ints
    owners: Ints
    to: Ints
    costs: Ints
    ways: Ints


def _levels(profiles: Profiles) -> Iterator[_Steps]:
    """The profiles that walks come to, those nearest to the end first."""
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
    """Histograms that keep each cost apart; None where these are too large."""
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
    """Where in sorted rows, given by columns, a new one begins."""
    new = np.ones(len(columns[0]), dtype=bool)
    new[1:] = False
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)


def _rough_rows(profiles: Profiles) -> _Rows:
    """Histograms of cells."""
    rows = _Rows(profiles, np.float64, np.float64)
    many = sum(len(profile.steps) for profile in profiles.all)
    most = min(max(FEWEST_CELLS, ROUGH_WORK // max(1, many)), MOST_CELLS)
    for steps in _levels(profiles):
        which, costs, ways = rows.below(steps)
        owners = steps.owners[which]
        # Ways may be beyond the range of floats: of each profile they are in units of a power of two.
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
    """The rows of each profile put together in `most` cells or fewer, as small as that allows; and their widths."""
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
