"""Parallel branches, blocks with other wiring, and frames around repeated parts."""

import math
from collections.abc import Sequence

from nas.space.drawing.layered import Point, place
from nas.space.drawing.shapes import BIG, Drawing, Frame, Label, Line, joined
from nas.space.drawing.stacks import ASIDE

LANE = 16.0
"""The distance between a branch and a line that passes it."""
BUS, LEAD = 8.0, 18.0
"""The distances from the top of branches to where they fork, and from there to their first boxes."""


def forked(branches: Sequence[Drawing], empty: int, merge: Drawing) -> Drawing:
    """Parallel branches, `empty` lines on their right, and their merge below."""
    axes = _axes(branches)
    reach = max((x + branch.right for x, branch in zip(axes, branches, strict=True)), default=0.0)
    lanes = [reach + LANE * (at + 1) if branches else 1.5 * LANE * (2 * at + 1 - empty) for at in range(empty)]
    ways = [(x, BUS + (LEAD if branch.solid else 4), branch) for x, branch in zip(axes, branches, strict=True)]
    joint = max([BUS + LEAD, *(top + branch.height for _, top, branch in ways)]) + 4
    parts, lines = [merge.moved(0, joint)], []
    for x, top, branch in ways:
        parts.append(branch.moved(x, top))
        lines.append(_line((0, 0), (0, BUS), (x, BUS), (x, top), arrow=branch.solid))
        lines.append(_line((x, top + branch.height), *_into(merge, x, joint), arrow=True))
    for x in lanes:
        lines.append(_line((0, 0), (0, BUS), (x, BUS), *_into(merge, x, joint), arrow=True))
    return joined(
        [*parts, Drawing(lines=tuple(lines))],
        left=max([merge.left, *(branch.left - x for x, _, branch in ways), *(-x for x in lanes)]),
        right=max([merge.right, reach, *lanes]),
        height=joint + merge.height,
        solid=False,
    )


def tangled(drawn: Sequence[Drawing], edges: Sequence[tuple[int, int]]) -> Drawing:
    """A graph in rows, between its entry, which is number 0, and its exit.

    Args:
        drawn: the nodes, from number 1 on; the last one leads to the exit.
        edges: pairs of numbers, the lower one first.
    """
    drawn = [Drawing(), *drawn, Drawing()]
    edges = [*edges, (len(drawn) - 2, len(drawn) - 1)]
    placed = place([(part.width, part.height) for part in drawn], edges)
    axis, out = placed.middles[0][0], placed.middles[-1][0]
    parts = [
        part.moved(x - axis - (part.right - part.left) / 2, y - part.height / 2)
        for part, (x, y) in zip(drawn, placed.middles, strict=True)
    ]
    lines = [
        Line(tuple((x - axis, y) for x, y in route), arrow=target < len(drawn) - 1)
        for route, (_, target) in zip(placed.routes, edges, strict=True)
    ]
    height = placed.height
    if abs(out - axis) > 1:
        lines.append(Line(((out - axis, height), (out - axis, height + 8), (0, height + 8), (0, height + 16))))
        height += 16
    return joined(
        [*parts, Drawing(lines=tuple(lines))], left=axis, right=placed.width - axis, height=height, solid=False
    )


def framed(inner: Drawing, times: int) -> Drawing:
    """A frame around a drawing, with the number of its repetitions."""
    pad = 10.0
    shift = 0.0 if not inner.solid else pad
    left, right, height = inner.left + pad, inner.right + pad, inner.height + shift
    label = Label(right + 6, height / 2 + 4, "", f"×{times}", BIG)
    lead = (Line(((0, 0), (0, shift)), arrow=True),) if shift else ()
    return joined(
        [
            inner.moved(0, shift),
            Drawing(lines=lead, labels=(label,), frames=(Frame(-left, 0, left + right, height),)),
        ],
        left=left,
        right=right + 6 + label.width,
        height=height,
        enters=height / 2,
        solid=False,
    )


def _axes(branches: Sequence[Drawing]) -> list[float]:
    """The axes of parallel branches; the middle one, or the midpoint of the two in the middle, is at 0."""
    axes, x = [], 0.0
    for branch in branches:
        axes.append(x + branch.left)
        x += branch.width + ASIDE
    half = len(axes) // 2
    middle = sum(axes[half - 1 + len(axes) % 2 : half + 1]) / (2 - len(axes) % 2) if axes else 0.0
    return [axis - middle for axis in axes]


def _into(merge: Drawing, x: float, top: float) -> tuple[Point, ...]:
    """The last points of a line down at `x` into a merge: from above, or else from its side."""
    if abs(x) < 1:
        return ((x, top),)
    middle = top + merge.height / 2
    return (x, middle), (math.copysign(merge.right, x), middle)


def _line(*points: Point, arrow: bool) -> Line:
    """A line through points, some of which may coincide."""
    return Line(tuple(point for at, point in enumerate(points) if not at or point != points[at - 1]), arrow)
