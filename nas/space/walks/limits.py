"""Bounds on the parameters and MACs of every architecture, by look-ahead instead of rejection.

An option is legal if some completion stays within the bounds, given the cost of the walk so far. This is read off the
Pareto fronts of the costs below each state (`fronts.py`), and is exact. The *number* of completions within the bounds,
which uniform sampling and `Space.size` need, is read off the histograms of these costs (`counts.py`). They are exact up
to a certain size and rounded beyond it, in which case `Space.size` is unknown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from nas.arguments import checked
from nas.collector import paused_collector
from nas.errors import UsageError
from nas.ops import Cost
from nas.space.walks.counts import Counts
from nas.space.walks.fronts import Fronts, undominated
from nas.space.walks.graph import Edge, Graph, State
from nas.space.walks.profiles import Costs, Maximum, Profiles


class Bound(NamedTuple):
    """The least and the greatest allowed value, both inclusive; None: no maximum."""

    least: int = 0
    greatest: int | None = None


@checked
@dataclass(frozen=True)
class Limits:
    """The bounds of a space, by quantity: `params` and `macs`. Raises UsageError for any other."""

    bounds: Mapping[str, Bound]

    def __post_init__(self) -> None:
        unknown = set(self.bounds) - set(Cost._fields)
        if unknown:
            raise UsageError(f"no limit can be set on {', '.join(sorted(unknown))}; limits are {Cost._fields}")

    def allow(self, cost: Cost) -> bool:
        """Whether a network of this cost meets the limits."""
        return all(
            bound.least <= getattr(cost, name) and (bound.greatest is None or getattr(cost, name) <= bound.greatest)
            for name, bound in self.bounds.items()
        )


class _Below(NamedTuple):
    """The completions of a state.

    Attributes:
        profile: number of its profile.
        low: the least cost of the completions that can meet the bounds, for each maximum on its own.
        high: the greatest cost of all completions.
        ample: with at least this much left, a maximum can no longer be exceeded.
    """

    profile: int
    low: Costs
    high: Costs
    ample: Costs


class Budget:
    """The look-ahead for limits.

    Raises:
        UsageError: looking ahead takes too long for these limits.
    """

    @paused_collector()
    def __init__(self, graph: Graph, limits: Limits) -> None:
        self._maxima = _maxima(graph, limits)
        self._profiles = Profiles(graph, self._maxima)
        self._fronts = Fronts(self._profiles)
        self._below = {state: below for state in self._profiles.of if (below := self._look(state)) is not None}
        self._large = graph.root.state.size >= 2**62

    def _look(self, state: State) -> _Below | None:
        number = self._profiles.of[state]
        window = self._profiles.windows[number]
        if window is None:
            return None
        high = tuple([one.sign * (state.high if one.sign > 0 else state.low)[one.quantity] for one in self._maxima])
        return _Below(number, self._profiles.all[number].low, high, tuple(map(max, high, window.least)))

    @property
    def whole(self) -> Costs:
        """The budget at the start of a walk."""
        return tuple(one.most for one in self._maxima)

    def follow(self, edges: Sequence[Edge], left: Costs) -> list[tuple[Edge, Costs | None]]:
        """The edges that lead to some architecture within the limits, with the budget after each.

        The budget is None if all completions are within the limits. Exact.
        """
        found: list[tuple[Edge, Costs | None]] = []
        for edge in edges:
            below = self._below.get(edge.state)
            if below is None:
                continue
            after, slack = [], True
            for budget, (quantity, sign, _), low, high, ample in zip(left, self._maxima, *below[1:], strict=True):
                budget -= sign * edge.cost[quantity]
                if budget < low:
                    break
                if budget < high:
                    slack = False
                    after.append(budget)
                else:
                    after.append(ample)
            else:
                if slack:
                    found.append((edge, None))
                elif self._fronts.fit(below.profile, rest := tuple(after)):
                    found.append((edge, rest))
        return found

    def merge(self, lefts: Iterable[Costs | None], most: int) -> Sequence[Costs | None]:
        """The budgets that no other one dominates; if there are more than `most`, their elementwise maximum."""
        found: list[Costs] = []
        for one in lefts:
            if one is None:
                return [None]
            found.append(one)
        if len(found) > 1:
            spent = -np.array(found, dtype=np.int64)
            found = [found[place] for place in np.flatnonzero(undominated(np.zeros(len(found), np.int64), spent))]
        return found if len(found) <= most else [tuple(map(max, zip(*found, strict=True)))]

    def count(self, state: State, left: Costs | None) -> int:
        """The number of completions within a budget that `follow` returned: at least 1; rounded unless `exact`."""
        if left is None:
            return state.size
        return max(1, self._counts.within(self._below[state].profile, left))

    @property
    def exact(self) -> bool:
        """Whether counts are exact."""
        return not self._maxima or self._counts.exact

    @cached_property
    def _counts(self) -> Counts:
        return Counts(self._profiles, large=self._large)


def _maxima(graph: Graph, limits: Limits) -> tuple[Maximum, ...]:
    """The bounds that some architecture exceeds."""
    maxima: list[Maximum] = []
    for name, bound in limits.bounds.items():
        place = Cost._fields.index(name)
        root, state = graph.root.cost[place], graph.root.state
        low, high = root + state.low[place], root + state.high[place]
        greatest = high if bound.greatest is None else min(bound.greatest, high)
        if greatest >= 2**62:
            raise UsageError(f"limits must be below 2^62, and the costs of this space reach {greatest:,}")
        if greatest < high:
            maxima.append(Maximum(place, 1, greatest))
        if bound.least > low:
            maxima.append(Maximum(place, -1, -bound.least))
    return tuple(maxima)
