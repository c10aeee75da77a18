"""The shapes of drawings (boxes, lines, labels and frames), and the fitting of texts. All lengths are in pixels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from nas.space.drawing.layered import Point

BIG, SMALL = 12.0, 10.0
"""Font sizes."""
WIDEST = 210.0
"""The maximum width of a line of text in a box."""
RADIUS = 9.0
"""The radius of the circle of a merge."""


class Label(NamedTuple):
    """Text at its baseline, with `bold` before the rest; `anchor` says whether `x` is its start, middle or end."""

    x: float
    y: float
    text: str
    bold: str = ""
    size: float = SMALL
    anchor: str = "start"

    @property
    def width(self) -> float:
        return text_width(self.bold, self.size, bold=True) + text_width(self.text, self.size)


class Box(NamedTuple):
    """A layer, a cell or a merge; with `sign` (add, multiply, or a number) it is a circle."""

    x: float
    y: float
    width: float
    height: float
    family: str
    labels: tuple[Label, ...] = ()
    sign: str = ""
    stacked: bool = False

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


class Line(NamedTuple):
    """A line through points; segments that are neither horizontal nor vertical are curves with vertical ends."""

    points: tuple[Point, ...]
    arrow: bool = False


class Frame(NamedTuple):
    """A frame around a repeated part or a cell."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Drawing:
    """Shapes around a vertical axis at x = 0; the top is at y = 0.

    Attributes:
        left, right: extent of the shapes on each side of the axis.
        height: total height, down to where the line leaves.
        enters: distance from the top at which a side line may enter, or None.
        solid: whether there is a box at the top, for an arrow to point at.
    """

    left: float = 0.0
    right: float = 0.0
    height: float = 0.0
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    labels: tuple[Label, ...] = ()
    frames: tuple[Frame, ...] = ()
    enters: float | None = None
    solid: bool = True

    @property
    def width(self) -> float:
        return self.left + self.right

    def moved(self, x: float, y: float) -> "Drawing":
        """The shapes translated; `left`, `right` and `height` are kept."""
        return replace(
            self,
            boxes=tuple(
                box._replace(
                    x=box.x + x,
                    y=box.y + y,
                    labels=tuple(label._replace(x=label.x + x, y=label.y + y) for label in box.labels),
                )
                for box in self.boxes
            ),
            lines=tuple(line._replace(points=tuple((px + x, py + y) for px, py in line.points)) for line in self.lines),
            labels=tuple(label._replace(x=label.x + x, y=label.y + y) for label in self.labels),
            frames=tuple(frame._replace(x=frame.x + x, y=frame.y + y) for frame in self.frames),
        )


def joined(drawings: Iterable[Drawing], **attributes: float | bool | None) -> Drawing:
    """The shapes of several drawings in one drawing."""
    parts = list(drawings)
    return Drawing(
        boxes=tuple(box for part in parts for box in part.boxes),
        lines=tuple(line for part in parts for line in part.lines),
        labels=tuple(label for part in parts for label in part.labels),
        frames=tuple(frame for part in parts for frame in part.frames),
        **attributes,  # type: ignore[arg-type]  # left, right, height, enters, solid
    )


def pill(text: str, kind: str, *, size: float = SMALL) -> Drawing:
    """A small box with centred text."""
    text = shortened(text, size)
    width = text_width(text, size) + 18
    box = Box(-width / 2, 0, width, 20, kind, (Label(0, 13.5, text, size=size, anchor="middle"),))
    return Drawing(width / 2, width / 2, 20, (box,), enters=10)


def circle(sign: str, radius: float = RADIUS) -> Drawing:
    box = Box(-radius, 0, 2 * radius, 2 * radius, "merge", sign=sign)
    return Drawing(radius, radius, 2 * radius, (box,))


_NARROW, _WIDE = frozenset("iIjl.,:;'|!()[]{}ftr -/"), frozenset("mwMW@%&—")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The approximate width in a font such as Helvetica, rather more than less."""
    ems = 0.0
    for char in text:
        if char in _NARROW:
            ems += 0.34
        elif char in _WIDE:
            ems += 0.9
        elif char.isupper():
            ems += 0.72
        else:
            ems += 0.58 if ord(char) < 0x1100 else 1.05
    return ems * size * (1.06 if bold else 1.0)


def shortened(text: str, size: float, width: float = WIDEST) -> str:
    """A text truncated to a width."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def wrapped(parts: Sequence[str], size: float) -> list[str]:
    """Texts separated by commas, in lines of at most `WIDEST`."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}, {part}" if lines[-1] else part
        if lines[-1] and text_width(longer, size) > WIDEST:
            lines[-1] += ","
            lines.append(part)
        else:
            lines[-1] = longer
    return [shortened(line, size) for line in lines]
