"""The costs of a graph as limits see them.

Every bound is a maximum; a minimum is a maximum of the negative quantity. States with the same completion costs, in the
same numbers, share a *profile*, whatever their decisions. There are fewer profiles than states, and limits sum over
profiles only.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nas.ops import Cost
from nas.space.walks.graph import Graph, State

Costs = tuple[int, ...]
"""One number for each maximum."""


class Maximum(NamedTuple):
    """`sign` times the quantity with this index in `Cost` is at most `most`."""

    quantity: int
    sign: int
    most: int


class Step(NamedTuple):
    """Options of the same cost that lead to the same profile, and their number."""

    cost: Costs
    profile: int
    ways: int


class Profile(NamedTuple):
    """The completions of some states.

    Attributes:
        steps: the options, without those that no walk can take.
        low, high: the least and the greatest cost of completions, for each maximum on its own.
        height: the maximum number of remaining decisions.
    """

    steps: tuple[Step, ...]
    low: Costs
    high: Costs
    height: int


class Window(NamedTuple):
    """The range of budgets with which walks reach a profile: `least` to `most`, for each maximum on its own.

    Costs up to `least` are always within the budget, and costs above `most` never: they are not distinguished.
    """

    least: Costs
    most: Costs


class Profiles:
    """The profiles of a graph.

    Attributes:
        maxima: the bounds.
        of: the number of the profile of each state; states that cannot meet the bounds have none.
        all: the profiles by number; 0 is the end, and steps lead to lower numbers.
        windows: the window of each profile; None if no walk reaches it.
    """

    def __init__(self, graph: Graph, maxima: Sequence[Maximum]) -> None:
        self.maxima = tuple(maxima)
        free = (0,) * len(self.maxima)
        self.all = [Profile((), free, free, 0)]
        self.of: dict[State, int] = {}
        numbers: dict[frozenset[tuple[tuple[Costs, int], int]], int] = {}
        for state in reversed(graph.states):
            ways: Counter[tuple[Costs, int]] = Counter()
            for edge in state.edges:
                below = self.of.setdefault(edge.state, 0) if not edge.state.name else self.of.get(edge.state)
                if below is not None:
                    ways[self.cost(edge.cost), below] += 1
            key = frozenset(ways.items())
            if key not in numbers:
                numbers[key] = self._add(ways)
            if numbers[key]:
                self.of[state] = numbers[key]
        if not graph.root.state.name:
            self.of[graph.root.state] = 0
        self.windows = self._windows(self.cost(graph.root.cost), self.of.get(graph.root.state))

    def cost(self, cost: Cost) -> Costs:
        """A cost, one number per maximum."""
        return tuple([sign * cost[quantity] for quantity, sign, _ in self.maxima])

    def _add(self, ways: Mapping[tuple[Costs, int], int]) -> int:
        """The number of a new profile with these steps; 0 if no walk can take any of them."""
        steps = [Step(cost, number, count) for (cost, number), count in ways.items() if self._possible(cost, number)]
        if not steps:
            return 0
        below = [self.all[step.profile] for step in steps]
        lows = [_sum(step.cost, one.low) for step, one in zip(steps, below, strict=True)]
        highs = [_sum(step.cost, one.high) for step, one in zip(steps, below, strict=True)]
        height = 1 + max(one.height for one in below)
        low, high = tuple(map(min, zip(*lows, strict=True))), tuple(map(max, zip(*highs, strict=True)))
        self.all.append(Profile(tuple(steps), low, high, height))
        return len(self.all) - 1

    def _possible(self, cost: Costs, number: int) -> bool:
        """Whether some walk might take a step, whatever it cost before."""
        low = self.all[number].low
        return all(
            one.sign < 0 or here + below <= one.most for one, here, below in zip(self.maxima, cost, low, strict=True)
        )

    def _windows(self, start: Costs, root: int | None) -> Sequence[Window | None]:
        found: list[Window | None] = [None] * len(self.all)
        if root is None:
            return found
        spent = {root: (start, start)}  # the least and the most, on the way to a profile
        for number in range(root, -1, -1):
            if number not in spent:
                continue
            profile = self.all[number]
            first, last = spent.pop(number)
            least = tuple(
                max(one.most - used, low) for one, used, low in zip(self.maxima, last, profile.low, strict=True)
            )
            most = tuple(one.most - used for one, used in zip(self.maxima, first, strict=True))
            if any(low > most_ for low, most_ in zip(least, most, strict=True)):
                continue
            found[number] = Window(least, most)
            last = tuple(one.most - left for one, left in zip(self.maxima, least, strict=True))
            for cost, below, _ in profile.steps:
                one, other = _sum(first, cost), _sum(last, cost)
                if below in spent:
                    known = spent[below]
                    one, other = tuple(map(min, one, known[0])), tuple(map(max, other, known[1]))
                spent[below] = one, other
        return found


def _sum(one: Costs, other: Costs) -> Costs:
    return tuple(map(int.__add__, one, other))
