"""Bounds on parameters and MACs that every architecture keeps, by look-ahead instead of by rejection.

An option is legal where some completion below it stays within the bounds, given what the walk has spent so far. For
maxima alone this is read off the Pareto front of the costs below each state. How *many* completions stay within them,
which uniform sampling and `Space.size` need, is read off the histogram of those costs: how many completions of a state
cost how much, summed up backwards over the graph.

Where the histograms would hold more than `MAX_ENTRIES` costs, these are rounded to a grid of `GRID` steps, as in
Dyer's approximate counting of knapsack solutions ("Approximate counting by dynamic programming", STOC 2003). Legality
stays exact; the counts are approximate, and `Space.size` says so instead of giving an integer.
"""

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.ops import Cost
from nas.space.graph import Edge, Graph, State

MAX_ENTRIES = 4_000_000
GRID = 512

Spent = tuple[int, ...]
"""What a walk has spent so far: one number a limited quantity."""


class Bound(NamedTuple):
    """Least and greatest value that is allowed, both inclusive."""

    least: int = 0
    greatest: int | None = None


@dataclass(frozen=True)
class Limits:
    """The bounds of a space, by quantity: `params` and `macs`. Raises UsageError for any other."""

    bounds: Mapping[str, Bound]

    def __post_init__(self) -> None:
        unknown = set(self.bounds) - set(Cost._fields)
        if unknown:
            raise UsageError(f"no limit can be set on {', '.join(sorted(unknown))}; limits are {Cost._fields}")

    def allow(self, cost: Cost) -> bool:
        """Whether a network of this cost keeps the limits."""
        return all(
            bound.least <= getattr(cost, name) and (bound.greatest is None or getattr(cost, name) <= bound.greatest)
            for name, bound in self.bounds.items()
        )


class BeyondError(Exception):
    """A branch from which the limits cannot be kept."""


class Budget:
    """What the limits leave of each state, for whatever was spent before."""

    def __init__(self, graph: Graph, limits: Limits) -> None:
        self._graph = graph
        self._quantities = [Cost._fields.index(name) for name in limits.bounds]
        self._least = [bound.least for bound in limits.bounds.values()]
        highs = [graph.root.cost[i] + graph.root.state.high[i] for i in self._quantities]
        self._greatest = [
            high if bound.greatest is None else min(bound.greatest, high)
            for high, bound in zip(highs, limits.bounds.values(), strict=True)
        ]
        self._minimum = any(self._least)
        if any(greatest >= 2**62 for greatest in self._greatest):
            raise UsageError(f"limits are kept below 2^62, and this space goes up to {max(self._greatest):,}")

    def start(self) -> Spent | None:
        """What a walk has spent when it comes to its first decision, as `spend` says it. Raises what `spend` raises."""
        return self.spend((0,) * len(self._quantities), self._graph.root)

    def spend(self, spent: Spent, edge: Edge) -> Spent | None:
        """`spent` and the cost of the edge; None if all that lies below keeps the limits.

        Raises:
            BeyondError: nothing that lies below keeps them; exact.
        """
        after, slack = [], True
        low, high = edge.state.low, edge.state.high
        for used, i, least, greatest in zip(spent, self._quantities, self._least, self._greatest, strict=True):
            used += edge.cost[i]
            cheapest, dearest = used + low[i], used + high[i]
            if cheapest > greatest or dearest < least:
                raise BeyondError
            if cheapest < least or dearest > greatest:
                slack = False
            after.append(used)
        if slack:
            return None
        if not self._reachable(edge.state, after):
            raise BeyondError
        return tuple(after)

    def _reachable(self, state: State, spent: Sequence[int]) -> bool:
        """Whether some completion keeps the limits, given that each of them alone can be kept."""
        if self._minimum:
            return self.count(state, spent) > 0
        # With one maximum alone, `low` is the front.
        return len(spent) == 1 or any(
            all(used + cost <= most for used, cost, most in zip(spent, costs, self._greatest, strict=True))
            for costs in self._fronts[state]
        )

    def count(self, state: State, spent: Sequence[int] | None) -> int:
        """How many completions keep the limits after `spend` gave `spent`; at least 1, and rounded unless `exact`."""
        if spent is None:
            return state.size
        found = self._histograms[state].count(
            [least - used for used, least in zip(spent, self._least, strict=True)],
            [greatest - used for used, greatest in zip(spent, self._greatest, strict=True)],
        )
        return found if self.exact else max(found, 1)

    @property
    def exact(self) -> bool:
        """Whether counts are exact."""
        return self._counted[1]

    @property
    def _histograms(self) -> Mapping[State, "_Histogram"]:
        return self._counted[0]

    @cached_property
    def _counted(self) -> tuple[Mapping[State, "_Histogram"], bool]:
        exact = self._sum_up([1] * len(self._quantities))
        if exact is not None:
            return exact, True
        if self._minimum:
            raise UsageError(
                "a minimum is out of reach in this space, which has too many different costs to look ahead through "
                f"(over {MAX_ENTRIES:,}); leave the minimum out, or give fewer options"
            )
        rounded = self._sum_up([max(1, greatest // GRID) for greatest in self._greatest])
        if rounded is None:
            raise UsageError(f"this space has over {MAX_ENTRIES:,} situations in which its limits matter")
        return rounded, False

    def _sum_up(self, grid: Sequence[int]) -> "Mapping[State, _Histogram] | None":
        """The histogram of each state with costs rounded to the grid; None: more than MAX_ENTRIES of them."""
        greatest, steps = np.array(self._greatest), np.array(grid)
        end = np.zeros((1, len(grid)), dtype=np.int64), np.ones(1, dtype=np.int64)
        below: dict[State, tuple[NDArray[np.int64], NDArray[np.generic]]] = {}
        entries = 0
        for state in reversed(self._graph.states):
            # An edge beyond the limits is left out before numpy sees its cost, which 64 bits might not hold.
            parts = [
                (edge.cost, *below.get(edge.state, end))
                for edge in state.edges
                if all(edge.cost[i] <= most for i, most in zip(self._quantities, self._greatest, strict=True))
            ]
            if not parts:
                below[state] = end[0][:0], end[1][:0]
                continue
            costs = np.concatenate([costs + [cost[i] for i in self._quantities] for cost, costs, _ in parts])
            # Counts beyond 64 bits are kept as Python's integers.
            kind = np.int64 if state.size < 2**62 else np.object_
            counts = np.concatenate([counts.astype(kind) for _, _, counts in parts])
            if max(grid) > 1:
                costs = (costs + steps // 2) // steps * steps
            kept = (costs <= greatest).all(axis=1)
            below[state] = _merge_equal(costs[kept], counts[kept])
            entries += len(below[state][0])
            if entries > MAX_ENTRIES:
                return None
        return {state: _Histogram(costs, counts) for state, (costs, counts) in below.items()}

    @cached_property
    def _fronts(self) -> Mapping[State, list[Spent]]:
        """For each state the costs of its completions that no other one undercuts in every limited quantity."""
        end: list[Spent] = [(0,) * len(self._quantities)]
        fronts: dict[State, list[Spent]] = {self._graph.root.state: end}
        for state in reversed(self._graph.states):
            for edge in state.edges:
                fronts.setdefault(edge.state, end)
            costs = {
                tuple(edge.cost[i] + below for i, below in zip(self._quantities, costs, strict=True))
                for edge in state.edges
                for costs in fronts[edge.state]
            }
            front: list[Spent] = []
            for candidate in sorted(costs):
                if not any(all(a <= b for a, b in zip(kept, candidate, strict=True)) for kept in front):
                    front.append(candidate)
            fronts[state] = front
        return fronts


def _merge_equal(
    costs: NDArray[np.int64], counts: NDArray[np.generic]
) -> tuple[NDArray[np.int64], NDArray[np.generic]]:
    """Rows of `costs` sorted, equal ones once, with the sum of their counts."""
    if not len(costs):
        return costs, counts
    order = np.lexsort(costs.T[::-1])
    costs, counts = costs[order], counts[order]
    first = np.flatnonzero(np.concatenate([[True], (costs[1:] != costs[:-1]).any(axis=1)]))
    return costs[first], np.add.reduceat(counts, first)


class _Histogram:
    """How many completions cost how much. With one quantity a look-up is two bisections."""

    def __init__(self, costs: NDArray[np.int64], counts: NDArray[np.generic]) -> None:
        self._costs, self._counts = costs, counts
        self._sorted: array[int] | None = None
        if costs.shape[1] == 1:
            self._sorted = array("q", costs[:, 0].tobytes())
            sums = np.concatenate([[0], np.cumsum(counts)])
            self._sums: Sequence[int] = array("q", sums.tobytes()) if sums.dtype == np.int64 else sums.tolist()

    def count(self, least: Sequence[int], greatest: Sequence[int]) -> int:
        """How many cost at least `least` and at most `greatest`."""
        if self._sorted is not None:
            low = bisect_right(self._sorted, least[0] - 1)
            return max(0, self._sums[bisect_right(self._sorted, greatest[0])] - self._sums[low])
        within = ((self._costs >= least) & (self._costs <= greatest)).all(axis=1)
        return int(self._counts[within].sum())
