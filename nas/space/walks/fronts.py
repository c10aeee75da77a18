"""Whether some completion of a state meets all bounds: exact, by Pareto fronts."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.space.walks.profiles import Costs, Maximum, Profile, Profiles, Window

Points = NDArray[np.int64]
"""Costs; shape (points, maxima)."""

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

MAX_WORK = 8_000_000
"""Costs that are compared (a second or two) before limits are rejected."""

MAX_POINTS = 20_000
"""The maximum number of costs of a profile (some 50 microseconds to search)."""

TOO_MANY = (
    "there are too many trade-offs between these limits to look ahead; remove a limit, widen the range between a "
    "minimum and a maximum, or offer fewer options"
)

PIVOTS = 16
"""With three or more maxima, each point is compared with this many others."""


class Fronts:
    """For each profile, costs of completions: sufficient to decide whether any completion is within a budget.

    Without minima they are the Pareto front. This is mostly a single point, since narrow layers have both the fewest
    parameters and the fewest operations.

    Attributes:
        points: for each profile its costs; None: the point that has the least of each cost is sufficient.

    Raises:
        UsageError: there are so many trade-offs between the limits that this exceeds MAX_WORK.
    """

    def __init__(self, profiles: Profiles) -> None:
        self._work = 0
        self._ranges = _ranges(profiles.maxima)
        self.points: list[Points | None] = []
        for profile, window in zip(profiles.all, profiles.windows, strict=True):
            self.points.append(None if window is None else self._find(profile, window, profiles))

    def fit(self, number: int, budget: Costs) -> bool:
        """Whether some completion of a profile is within the budget, given that each maximum can be met on its own."""
        points = self.points[number]
        if points is None:
            return True
        first, *others = points.T
        cheap = slice(first.searchsorted(budget[0], "right"))
        within = np.ones(cheap.stop, dtype=bool)
        for column, most in zip(others, budget[1:], strict=True):
            within &= column[cheap] <= most
        return bool(within.any())

    def _find(self, profile: Profile, window: Window, profiles: Profiles) -> Points | None:
        if not profile.steps:
            return None
        goal = tuple(map(max, profile.low, window.least))
        parts: list[Points] = [np.zeros((0, len(goal)), dtype=np.int64)]
        for cost, number, _ in profile.steps:
            if profiles.windows[number] is None:
                continue
            below = self.points[number]
            if below is not None:
                parts.append(below + np.array(cost))
                continue
            low = tuple(map(int.__add__, cost, profiles.all[number].low))
            if all(one <= other for one, other in zip(low, goal, strict=True)):
                return None
            parts.append(np.array([low]))
        self._work += sum(map(len, parts)) * 2 ** len(self._ranges)
        if self._work > MAX_WORK:
            raise UsageError(TOO_MANY)
        points = np.maximum(np.concatenate(parts), window.least)
        points = points[(points <= window.most).all(axis=1)]
        points = points[self._needed(points, window)]
        if len(points) > MAX_POINTS:
            raise UsageError(TOO_MANY)
        # Sorted by the first cost, with each cost contiguous in memory, for fast comparison.
        points = np.asfortranarray(points[np.argsort(points[:, 0])])
        return None if len(points) == 1 and tuple(points[0]) == goal else points

    def _needed(self, points: Points, window: Window) -> Mask:
        """A mask of points that suffice."""
        # With both a minimum and a maximum, a budget is a range of fixed width. Points are binned into cells of this
        # width. If a range contains a point, it contains its cell on one side of that point, so a point further out on
        # that side with costs no higher otherwise can replace it.
        cells = np.zeros(len(points), dtype=np.int64)
        places = []
        for top, bottom, width in self._ranges:
            above = points[:, bottom] == window.least[bottom]
            place = np.where(above, points[:, top], -points[:, bottom])
            cells = _numbered(cells * (len(points) + 1) + _numbered(place // (width + 1)))
            places.append(place)
        others = np.delete(points, [place for top, bottom, _ in self._ranges for place in (top, bottom)], axis=1)
        kept = np.zeros(len(points), dtype=bool)
        for sides in product((1, -1), repeat=len(places)):
            columns = [side * place for side, place in zip(sides, places, strict=True)]
            kept |= undominated(cells, np.column_stack([*columns, others]))
        return kept


def _ranges(maxima: Sequence[Maximum]) -> list[tuple[int, int, int]]:
    """For each quantity with both bounds, the indices of maximum and minimum, and their distance."""
    return [
        (top, bottom, one.most + other.most)
        for top, one in enumerate(maxima)
        for bottom, other in enumerate(maxima)
        if one.quantity == other.quantity and one.sign > other.sign
    ]


def _numbered(values: Ints) -> Ints:
    """The ranks of values, equal values having equal ranks."""
    return np.unique(values, return_inverse=True)[1].reshape(-1)


def undominated(cells: Ints, points: Points) -> Mask:
    """A mask of the points that no other point of their cell dominates; of equal points, the first.

    With three or more costs, some dominated points may be included.
    """
    order = np.lexsort((*points.T[::-1], cells))
    points, cells = points[order], cells[order]
    kept = np.ones(len(order), dtype=bool)
    kept[1:] = cells[1:] != cells[:-1]
    if points.shape[1] == 2:
        # The running minimum; each cell is offset below all earlier ones.
        ranks = _numbered(points[:, 1]) - np.cumsum(kept) * len(order)
        kept[1:] = ranks[1:] < np.minimum.accumulate(ranks)[:-1]
    elif points.shape[1] > 2:
        kept[1:] |= (points[1:] != points[:-1]).any(axis=1)
        share = (points / np.abs(points).max(axis=0, initial=1)).sum(axis=1)
        for place in np.argsort(share, kind="stable")[:PIVOTS]:
            beaten = (points >= points[place]).all(axis=1) & (cells == cells[place])
            kept &= ~beaten | (points == points[place]).all(axis=1)
    found = np.zeros(len(order), dtype=bool)
    found[order] = kept
    return found
