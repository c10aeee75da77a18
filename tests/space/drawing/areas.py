"""What the shapes of a drawing cover."""

from collections.abc import Iterator
from itertools import pairwise

from nas.space.drawing.layered import Point
from nas.space.drawing.shapes import Box, Drawing, Label, Line

Area = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def area(shape: Box | Label) -> Area:
    if isinstance(shape, Box):
        return shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    left = shape.x - {"start": 0, "middle": shape.width / 2, "end": shape.width}[shape.anchor]
    return left, shape.y - 0.8 * shape.size, left + shape.width, shape.y + 0.25 * shape.size


def shapes_of(drawn: Drawing) -> list[Box | Label]:
    return [*drawn.boxes, *drawn.labels]


def apart(one: Area, other: Area) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def within(inner: Area, outer: Area) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def segments(line: Line) -> Iterator[Area]:
    """What each segment covers; a curve stays between its ends."""
    for (x, y), (u, v) in pairwise(line.points):
        yield min(x, u), min(y, v), max(x, u), max(y, v)


def smaller(box: Area, by: float = 0.6) -> Area:
    return box[0] + by, box[1] + by, box[2] - by, box[3] - by


def touches(point: Point, box: Area) -> bool:
    x, y = point
    return within((x, y, x, y), smaller(box, -1.0)) and not within((x, y, x, y), smaller(box, 1.0))
