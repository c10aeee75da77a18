"""Layered layout of small directed graphs (after Sugiyama, Tagawa & Toda 1981).

Nodes are in rows, below all nodes that they read. An edge that passes a row has a dummy node there. The order within
rows follows barycenters. Sweeps then move every node towards the middle of its neighbours, as far as the order and the
distances allow. Edges bend only between rows, so none crosses a node.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

ACROSS = 16.0
"""The minimum distance between neighbours in a row."""
CLOSE = 9.0
"""The minimum distance between an edge that passes a row and its neighbours."""
DOWN = 26.0
"""The distance between rows."""
SWEEPS = 12
SETTLING = 80
"""Sweeps that position nodes."""

Point = tuple[float, float]


class Placed(NamedTuple):
    """A layout: the centre of each node, the points of each edge, and the total size."""

    middles: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def place(sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]]) -> Placed:
    """The layout of nodes with these widths and heights; `edges` are distinct pairs of numbers, the lower one first.

    Segments of a route are vertical, or lead from one row to the next.
    """
    rows = _rows(len(sizes), edges)
    widths = [width for width, _ in sizes]
    row_of = list(rows)
    chains: list[list[int]] = []  # for each edge: its ends, and in between a dummy node for each row that it passes
    for source, target in edges:
        passed = range(rows[source] + 1, rows[target])
        chains.append([source, *range(len(widths), len(widths) + len(passed)), target])
        row_of += passed
        widths += [0.0] * len(passed)
    above: list[list[int]] = [[] for _ in widths]
    below: list[list[int]] = [[] for _ in widths]
    for chain in chains:
        for one, other in pairwise(chain):
            above[other].append(one)
            below[one].append(other)
    order = _order(row_of, above, below)
    x = _across(order, widths, above, below, len(sizes))
    left = min((x[node] - widths[node] / 2 for node in range(len(widths))), default=0.0)
    x = [value - left for value in x]
    heights = [max((sizes[node][1] for node in row if node < len(sizes)), default=0.0) for row in order]
    tops = [sum(heights[:at]) + DOWN * at for at in range(len(order))]
    y = [tops[row] + heights[row] / 2 for row in row_of]
    routes = []
    leaving, entering = _ports(chains, widths, x, above, below)
    for chain, start, end in zip(chains, leaving, entering, strict=True):
        source, passing, target = chain[0], chain[1:-1], chain[-1]
        for node, value in zip(passing, _straightened(passing, start, end, x, widths, row_of, order), strict=True):
            x[node] = value
        route = [(start, y[source] + sizes[source][1] / 2), (start, tops[row_of[source]] + heights[row_of[source]])]
        for node in passing:
            route += [(x[node], tops[row_of[node]]), (x[node], tops[row_of[node]] + heights[row_of[node]])]
        route += [(end, tops[row_of[target]]), (end, y[target] - sizes[target][1] / 2)]
        routes.append(tuple(dict.fromkeys(route)))
    return Placed(
        tuple((x[node], y[node]) for node in range(len(sizes))),
        tuple(routes),
        max((x[node] + widths[node] / 2 for node in range(len(widths))), default=0.0),
        (tops[-1] + heights[-1]) if order else 0.0,
    )


def _rows(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The row of each node, by the longest path to it; nodes with slack are moved to the middle of it."""
    rows = [0] * count
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        rows[target] = max(rows[target], rows[source] + 1)
    if count:
        rows[-1] = max(rows)
    for node in range(count):
        read = [rows[source] for source, target in edges if target == node]
        readers = [rows[target] for source, target in edges if source == node]
        if read and readers:
            rows[node] = (max(read) + min(readers)) // 2
    return rows


def _order(row_of: Sequence[int], above: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> list[list[int]]:
    """The nodes of each row from left to right: the order with the fewest crossings over all sweeps."""
    order: list[list[int]] = [[] for _ in range(max(row_of, default=-1) + 1)]
    for node, number in enumerate(row_of):
        order[number].append(node)
    best, fewest = [list(row) for row in order], _crossings(order, below)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for row in order if down else reversed(order):
            places = {node: at / len(other) for other in order for at, node in enumerate(other, 1)}
            middle = {
                node: sum(places[near] for near in neighbours[node]) / len(neighbours[node])
                if neighbours[node]
                else places[node]
                for node in row
            }
            row.sort(key=middle.__getitem__)
        if (crossings := _crossings(order, below)) < fewest:
            best, fewest = [list(row) for row in order], crossings
    return best


def _crossings(order: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> int:
    count = 0
    for upper, lower in pairwise(order):
        place = {node: at for at, node in enumerate(lower)}
        ends = [sorted(place[node] for node in below[source]) for source in upper]
        flat = [end for group in ends for end in group]
        count += sum(one > other for at, one in enumerate(flat) for other in flat[at + 1 :])
    return count


def _across(
    order: Sequence[Sequence[int]],
    widths: Sequence[float],
    above: Sequence[Sequence[int]],
    below: Sequence[Sequence[int]],
    real: int,
) -> list[float]:
    """The horizontal centre of each node; nodes from `real` on are dummies."""
    x = [0.0] * len(widths)
    for row in order:
        for at, node in enumerate(row):
            x[node] = x[row[at - 1]] + _apart(widths, row[at - 1], node) if at else 0.0
        middle = (x[row[0]] + x[row[-1]]) / 2
        for node in row:
            x[node] -= middle

    def pull(one: int, other: int) -> float:
        """The weight with which two neighbours are aligned vertically."""
        passing = (one >= real) + (other >= real)
        upper, lower = (one, other) if other in below[one] else (other, one)
        alone = len(below[upper]) == len(above[lower]) == 1
        return (1.0, 2.0, 8.0)[passing] * (4.0 if alone and not passing else 1.0)

    for sweep in range(SETTLING):
        both = sweep >= SWEEPS
        for row in order if sweep % 2 == 0 else reversed(order):
            wanted, weights = [], []
            for node in row:
                near = [*above[node], *below[node]] if both else (above if sweep % 2 == 0 else below)[node]
                pulls = [pull(node, other) for other in near]
                total = sum(pulls)
                wanted.append(
                    sum(x[other] * p for other, p in zip(near, pulls, strict=True)) / total if near else x[node]
                )
                weights.append(max(total, 0.1))
            gaps = [_apart(widths, one, other) for one, other in pairwise(row)]
            for node, value in zip(row, _keeping_apart(wanted, gaps, weights), strict=True):
                x[node] = value
    return x


def _apart(widths: Sequence[float], one: int, other: int) -> float:
    return (widths[one] + widths[other]) / 2 + ACROSS


def _keeping_apart(wanted: Sequence[float], gaps: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The least-squares approximation to the wanted values with these minimum gaps (pool adjacent violators)."""
    shifts = [0.0]
    for gap in gaps:
        shifts.append(shifts[-1] + gap)
    pools: list[tuple[float, float, int]] = []  # mean, weight, number
    for value, shift, weight in zip(wanted, shifts, weights, strict=True):
        mean, heavy, count = value - shift, weight, 1
        while pools and pools[-1][0] >= mean:
            other, more, members = pools.pop()
            mean, heavy, count = (mean * heavy + other * more) / (heavy + more), heavy + more, count + members
        pools.append((mean, heavy, count))
    flat = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + shift for mean, shift in zip(flat, shifts, strict=True)]


def _ports(
    chains: Sequence[Sequence[int]],
    widths: Sequence[float],
    x: Sequence[float],
    above: Sequence[Sequence[int]],
    below: Sequence[Sequence[int]],
) -> tuple[list[float], list[float]]:
    """Where each edge leaves its source and enters its target: spread out if these are wide."""

    def port(node: int, other: int, neighbours: Sequence[int]) -> float:
        near = sorted(neighbours, key=lambda each: (x[each], each))
        step = min(14.0, widths[node] / 2 / len(near)) if widths[node] > 30 else 0.0
        return x[node] + (near.index(other) - (len(near) - 1) / 2) * step

    leaving = [port(chain[0], chain[1], below[chain[0]]) for chain in chains]
    entering = [port(chain[-1], chain[-2], above[chain[-1]]) for chain in chains]
    return leaving, entering


def _straightened(
    passing: Sequence[int],
    start: float,
    end: float,
    x: Sequence[float],
    widths: Sequence[float],
    row_of: Sequence[int],
    order: Sequence[Sequence[int]],
) -> list[float]:
    """The positions of an edge in the rows that it passes, with the fewest bends, without moving other nodes."""
    room = []
    for node in passing:
        row = order[row_of[node]]
        at = row.index(node)
        low = x[row[at - 1]] + widths[row[at - 1]] / 2 + CLOSE if at else min(x[node], start, end)
        high = x[row[at + 1]] - widths[row[at + 1]] / 2 - CLOSE if at + 1 < len(row) else max(x[node], start, end)
        room.append((min(low, x[node]), max(high, x[node])))

    def follow(value: float, bounds: Sequence[tuple[float, float]]) -> list[float]:
        places = []
        for low, high in bounds:
            value = min(max(value, low), high)
            places.append(value)
        return places

    def bends(places: Sequence[float]) -> float:
        steps = [abs(one - other) for one, other in zip([start, *places], [*places, end], strict=True)]
        return sum(step + 12 * (step > 0.5) + 2 * max(0.0, step - 80) for step in steps)

    ways = [follow(end, room[::-1])[::-1], follow(start, room), [x[node] for node in passing]]
    return min(ways, key=bends)
