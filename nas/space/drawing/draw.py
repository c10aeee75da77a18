"""Drawings of architectures as self-contained SVG, for light and dark pages."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from xml.sax.saxutils import escape

from nas.arguments import checked
from nas.space.architecture import Architecture
from nas.space.drawing.layered import Point
from nas.space.drawing.layout import layout
from nas.space.drawing.shapes import Box, Drawing, Frame, Label, Line

_CORNER = 5.0
_FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"

# The colours of each role on light and on dark pages: (fill, stroke), or a single colour.
_BOXES: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "conv": (("#dfeaf6", "#7a9fc8"), ("#1f3347", "#4f7ba8")),
    "pool": (("#fae3d6", "#d69a7b"), ("#44291b", "#a5694a")),
    "linear": (("#deefe2", "#80b48e"), ("#1c3825", "#4d8560")),
    "sequence": (("#ece3f4", "#a98fc0"), ("#332542", "#7d629a")),
    "plain": (("#f0f2f4", "#adb4bc"), ("#262b31", "#616973")),
    "cell": (("#fbf1d3", "#cbae58"), ("#3b3216", "#94803c")),
    "merge": (("#fefefe", "#59616a"), ("#15181c", "#a9b1ba")),
    "end": (("#fefefe", "#adb4bc"), ("#15181c", "#616973")),
}
_PAGE, _INK, _QUIET, _LINE = (
    ("#fefefe", "#15181c"),
    ("#1c2128", "#e6e9ed"),
    ("#5c646d", "#a3abb4"),
    ("#59616a", "#a9b1ba"),
)
_FRAME = ("#c9ced4", "#444b53")


@checked
def draw(arch: Architecture) -> str:
    """An architecture as SVG: layers from top to bottom, branches in parallel, repeated parts once with their number.

    The text needs no other file, font or script, and follows the viewer's preference for light or dark. The same
    architecture gives the same text.
    """
    found = layout(arch)
    width, height = round(found.right), round(found.height)
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="aw" role="img" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="{_FONT}">\n',
            f"<title>Architecture {arch.id}</title>\n",
            f"<style>{_dark()}</style>\n",
            f'<rect class="aw-page" width="{width}" height="{height}" fill="{_PAGE[0]}"/>\n',
            *_shapes(found),
            "</svg>\n",
        )
    )


def _dark() -> str:
    """The rules for dark pages; the colours for light pages are attributes of the shapes, which all viewers support."""
    rules = [f".aw-{name}{{fill:{fill};stroke:{stroke}}}" for name, (_, (fill, stroke)) in _BOXES.items()]
    rules.append(f".aw-page{{fill:{_PAGE[1]}}}.aw-ink{{fill:{_INK[1]}}}.aw-quiet{{fill:{_QUIET[1]}}}")
    rules.append(f".aw-line{{stroke:{_LINE[1]}}}.aw-tip{{fill:{_LINE[1]}}}.aw-frame{{stroke:{_FRAME[1]}}}")
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _shapes(found: Drawing) -> Iterator[str]:
    yield f'<g class="aw-frame" fill="none" stroke="{_FRAME[0]}">\n'
    yield from map(_frame, found.frames)
    yield f'</g>\n<g class="aw-line" fill="none" stroke="{_LINE[0]}" stroke-width="1.1" stroke-linejoin="round">\n'
    yield from (f'<path d="{_path(line)}"/>\n' for line in found.lines)
    yield f'</g>\n<g class="aw-tip" fill="{_LINE[0]}">\n'
    yield from (_tip(line.points[-2], line.points[-1]) for line in found.lines if line.arrow)
    yield "</g>\n"
    yield from map(_box, found.boxes)
    yield from map(_label, found.labels)


def _frame(frame: Frame) -> str:
    place = (
        f'x="{_number(frame.x)}" y="{_number(frame.y)}" width="{_number(frame.width)}" height="{_number(frame.height)}"'
    )
    return f'<rect {place} rx="9" stroke-dasharray="3 3"/>\n'


def _box(box: Box) -> str:
    (fill, stroke), _ = _BOXES[box.family]
    look = f'class="aw-{box.family}" fill="{fill}" stroke="{stroke}"'
    if box.sign:
        radius, x, y = box.width / 2, box.x + box.width / 2, box.middle
        circle = f'<circle {look} cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}"/>'
        if box.sign == "add":
            arm = _number(radius)
            path = f"M{_number(x - radius / 2)} {_number(y)}h{arm}M{_number(x)} {_number(y - radius / 2)}v{arm}"
        elif box.sign == "multiply":
            low, high, arm = _number(x - 0.35 * radius), _number(x + 0.35 * radius), _number(0.7 * radius)
            path = f"M{low} {_number(y - 0.35 * radius)}l{arm} {arm}M{high} {_number(y - 0.35 * radius)}l-{arm} {arm}"
        else:
            return circle + "\n" + _label(Label(x, y + 3.7, box.sign, size=10.5, anchor="middle"), ink=True)
        return f'{circle}<path class="aw-line" stroke="{_LINE[0]}" stroke-width="1.3" fill="none" d="{path}"/>\n'
    place = f'y="{_number(box.y)}" width="{_number(box.width)}" height="{_number(box.height)}"'
    corner = 10 if box.family in ("end", "merge") else 4
    lines = []
    if box.stacked:
        behind = f'y="{_number(box.y + 3)}" width="{_number(box.width)}" height="{_number(box.height)}"'
        lines.append(f'<rect {look} x="{_number(box.x + 3)}" {behind} rx="{corner}"/>')
    lines.append(f'<rect {look} x="{_number(box.x)}" {place} rx="{corner}"/>\n')
    return "".join((*lines, *(_label(label, ink=label.size > 10) for label in box.labels)))


def _label(label: Label, *, ink: bool = False) -> str:
    role, colour = ("ink", _INK[0]) if ink or label.bold else ("quiet", _QUIET[0])
    place = f'x="{_number(label.x)}" y="{_number(label.y)}" font-size="{_number(label.size)}"'
    anchor = "" if label.anchor == "start" else f' text-anchor="{label.anchor}"'
    bold = f'<tspan font-weight="bold">{escape(label.bold)}</tspan>' if label.bold else ""
    return f'<text class="aw-{role}" fill="{colour}" {place}{anchor}>{bold}{escape(label.text)}</text>\n'


def _path(line: Line) -> str:
    """Horizontal and vertical segments with rounded corners; other segments are curves with vertical ends."""
    points = line.points
    parts = [f"M{_point(points[0])}"]
    for at, (one, other) in enumerate(pairwise(points)):
        if not _straight(one, other):
            middle = (one[1] + other[1]) / 2
            parts.append(f"C{_point((one[0], middle))} {_point((other[0], middle))} {_point(other)}")
            continue
        following = points[at + 2] if at + 2 < len(points) else None
        if following is None or not _straight(other, following) or _level(one, other) == _level(other, following):
            parts.append(f"L{_point(other)}")
            continue
        size = min(_CORNER, _length(one, other) / 2, _length(other, following) / 2)
        parts.append(
            f"L{_point(_towards(other, one, size))}Q{_point(other)} {_point(_towards(other, following, size))}"
        )
    return "".join(parts)


def _tip(before: Point, end: Point) -> str:
    """An arrowhead in the direction of the last segment."""
    if _level(before, end) and _straight(before, end):
        back = 5.5 if before[0] < end[0] else -5.5
        return f'<path d="M{_point(end)}l{_number(-back)} -2.8v5.6z"/>\n'
    return f'<path d="M{_point(end)}l-2.8 -5.5h5.6z"/>\n'


def _straight(one: Point, other: Point) -> bool:
    return abs(one[0] - other[0]) < 0.05 or abs(one[1] - other[1]) < 0.05


def _level(one: Point, other: Point) -> bool:
    return abs(one[1] - other[1]) < abs(one[0] - other[0])


def _length(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(start: Point, end: Point, length: float) -> Point:
    share = length / _length(start, end) if _length(start, end) else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _point(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    """With at most one decimal."""
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")
