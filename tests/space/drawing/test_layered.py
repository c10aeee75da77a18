"""The layout of graphs, on random ones."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from nas.space.drawing.layered import ACROSS, CLOSE, DOWN, place


def graph(seed: int) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 16))
    sizes = [(float(rng.integers(10, 90)), float(rng.integers(10, 30))) for _ in range(count)]
    edges = [pair for pair in combinations(range(count), 2) if rng.random() < 0.3]
    return sizes, edges


@pytest.mark.parametrize("seed", range(40))
def test_nothing_touches(seed: int) -> None:
    sizes, edges = graph(seed)
    placed = place(sizes, edges)
    boxes = [
        (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        for (x, y), (width, height) in zip(placed.middles, sizes, strict=True)
    ]
    for one, other in combinations(boxes, 2):
        assert (
            one[2] + ACROSS <= other[0] + 1e-6
            or other[2] + ACROSS <= one[0] + 1e-6
            or one[3] + DOWN <= other[1] + 1e-6
            or other[3] + DOWN <= one[1] + 1e-6
        )
    for left, top, right, bottom in boxes:
        assert left >= -1e-6
        assert top >= -1e-6
        assert right <= placed.width + 1e-6
        assert bottom <= placed.height + 1e-6
    for route, edge in zip(placed.routes, edges, strict=True):
        for (x, y), (u, v) in pairwise(route):
            assert v > y, "an edge leads down"
            for number, (left, top, right, bottom) in enumerate(boxes):
                if number not in edge:
                    space = CLOSE - 1e-6 if x == u else 0.0
                    assert max(x, u) <= left - space or min(x, u) >= right + space or v <= top or y >= bottom


@pytest.mark.parametrize("seed", range(40))
def test_edges_lead_from_node_to_node(seed: int) -> None:
    sizes, edges = graph(seed)
    placed = place(sizes, edges)
    for route, (source, target) in zip(placed.routes, edges, strict=True):
        for (x, y), node, side in ((route[0], source, 1), (route[-1], target, -1)):
            assert abs(x - placed.middles[node][0]) <= sizes[node][0] / 2
            assert y == pytest.approx(placed.middles[node][1] + side * sizes[node][1] / 2)


def test_a_chain_is_straight() -> None:
    placed = place([(20, 10), (80, 10), (40, 30)], [(0, 1), (1, 2)])
    assert {x for x, _ in placed.middles} == {40}
    assert placed.height == 50 + 2 * DOWN


def test_a_diamond_is_even() -> None:
    placed = place([(20, 10)] * 4, [(0, 1), (0, 2), (1, 3), (2, 3)])
    (a, _), (b, _), (c, _), (d, _) = placed.middles
    assert a == pytest.approx(d)
    assert a - b == pytest.approx(c - a)


def test_no_needless_crossing() -> None:
    placed = place([(20, 10)] * 6, [(0, 3), (1, 2), (2, 5), (3, 4)])
    x = [middle for middle, _ in placed.middles]
    assert (x[0] < x[1]) == (x[3] < x[2]) == (x[4] < x[5])


def test_what_has_room_stands_in_the_middle_of_it() -> None:
    placed = place([(20, 10)] * 5, [(0, 1), (1, 2), (2, 4), (0, 3), (3, 4)])
    y = [middle for _, middle in placed.middles]
    assert y[0] < y[3] < y[4]
    assert y[3] == y[1]


def test_nothing() -> None:
    assert place([], []).height == 0
