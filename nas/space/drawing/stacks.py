"""Drawings stacked vertically, and columns of them side by side."""

from collections.abc import Iterator, Sequence

from nas.ops import Shape
from nas.ops.op import show_shape
from nas.space.drawing.shapes import Drawing, Label, Line, joined

GAP = 16.0
"""The distance between two boxes of a chain; `WIDE_GAP` if a shape is written beside the line."""
WIDE_GAP = 24.0
SHORT_GAP = 8.0
"""The distance before branches and frames, where there is no arrow."""
ASIDE = 22.0
"""The distance between branches; columns are twice as far apart."""


def _gap(exit_: Shape | None, following: Drawing | None) -> float:
    if exit_:
        return WIDE_GAP
    return GAP if following is None or following.solid else SHORT_GAP


def tops_of(parts: Sequence[Drawing], exits: Sequence[Shape | None]) -> list[float]:
    """The top of each part."""
    tops, y = [], 0.0
    for part, exit_, following in zip(parts, [*exits, None], [*parts[1:], None], strict=False):
        tops.append(y)
        y += part.height + _gap(exit_, following)
    return tops


def stacked(parts: Sequence[Drawing], exits: Sequence[Shape | None], *, tail: bool) -> Drawing:
    """Parts from top to bottom with lines between them; `exits` are the shapes to be written beside the lines."""
    tops = tops_of(parts, exits)
    shapes, lines, labels = [], [], []
    right = max((part.right for part in parts), default=0.0)
    height = tops[-1] + parts[-1].height if parts else 0.0
    for at, (part, top, exit_) in enumerate(zip(parts, tops, exits, strict=True)):
        shapes.append(part.moved(0, top))
        below = top + part.height
        last = at + 1 == len(parts)
        gap = _gap(exit_, None if last else parts[at + 1])
        if not last or tail:
            lines.append(Line(((0, below), (0, below + gap)), arrow=not last and parts[at + 1].solid))
        if exit_ and (not last or tail):
            label = Label(7, below + gap / 2 + 3, show_shape(exit_))
            labels.append(label)
            right = max(right, 7 + label.width)
        if last and tail:
            height += gap
    return joined(
        [*shapes, Drawing(lines=tuple(lines), labels=tuple(labels))],
        left=max((part.left for part in parts), default=0.0),
        right=right,
        height=height,
        solid=bool(parts) and parts[0].solid,
    )


def shared_out(heights: Sequence[float], count: int) -> Iterator[list[int]]:
    """The indices of parts in columns of about equal height."""
    limit = sum(heights) / count
    members: list[int] = []
    tall = 0.0
    for at, height in enumerate(heights):
        if members and tall + height / 2 > limit:
            yield members
            members, tall = [], 0.0
        members.append(at)
        tall += height
    yield members


def beside(columns: Sequence[Drawing]) -> Drawing:
    """Columns side by side, with a line from the bottom of each one to the top of the next."""
    top = 12.0 if len(columns) > 1 else 0.0
    bottom = top + max(column.height for column in columns)
    parts, lines = [], []
    x = 0.0
    for at, column in enumerate(columns):
        axis = x + column.left
        parts.append(column.moved(axis, top))
        x = axis + column.right + 2 * ASIDE
        if at + 1 < len(columns):
            following = columns[at + 1]
            lane, down = x - ASIDE, bottom + 10
            up = (x + following.left, 0.0)
            end = (up[0], top)
            points = ((axis, top + column.height), (axis, down), (lane, down), (lane, 0.0), up, end)
            lines.append(Line(points, arrow=following.solid))
    tail = max((label.y for part in parts for label in part.labels), default=0.0)
    return joined(
        [*parts, Drawing(lines=tuple(lines))],
        right=x - 2 * ASIDE,
        height=max(bottom + (10 if len(columns) > 1 else 0), tail),
    )
