"""What a reader expects of a drawing: nothing lies on anything else, nothing is left out, ways lead somewhere."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise

import pytest

from nas.ops import LSTM, OPS, Conv, Dropout, GroupNorm, MaxPool, MBConv, Op
from nas.space import Architecture, Layer
from nas.space.drawing.layered import Point
from nas.space.drawing.picture import caption, family, picture
from nas.space.drawing.shapes import Box, Label, Line, Picture
from nas.space.drawing.structure import quiet

Named = Callable[..., Architecture]
Area = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def area(shape: Box | Label) -> Area:
    if isinstance(shape, Box):
        return shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    left = shape.x - {"start": 0, "middle": shape.width / 2, "end": shape.width}[shape.anchor]
    return left, shape.y - 0.8 * shape.size, left + shape.width, shape.y + 0.25 * shape.size


def shapes_of(drawn: Picture) -> list[Box | Label]:
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


def test_nothing_overlaps(network: Architecture) -> None:
    drawn = picture(network)
    for one, other in combinations(shapes_of(drawn), 2):
        assert apart(area(one), area(other)), f"{one} and {other}"
    for box in drawn.boxes:
        for label in box.labels:
            assert within(area(label), area(box)), f"{label} in {box}"
        for one_label, other_label in combinations(box.labels, 2):
            assert apart(area(one_label), area(other_label)), f"{one_label} and {other_label}"


def test_no_line_crosses_a_box_or_a_label(network: Architecture) -> None:
    drawn = picture(network)
    solid = [smaller(area(shape)) for shape in shapes_of(drawn)]
    for line in drawn.lines:
        for segment in segments(line):
            for shape in solid:
                assert apart(segment, shape), f"{line} and {shape}"


def test_all_is_on_the_page(network: Architecture) -> None:
    drawn = picture(network)
    page = (0.0, 0.0, drawn.right, drawn.height)
    for shape in shapes_of(drawn):
        assert within(area(shape), page)
    for line in drawn.lines:
        for segment in segments(line):
            assert within(segment, page)
    for frame in drawn.frames:
        assert within((frame.x, frame.y, frame.x + frame.width, frame.y + frame.height), page)


def test_every_way_begins_and_ends_somewhere(network: Architecture) -> None:
    """Lines begin and end at boxes, at frames, or on other lines; from the input they lead everywhere."""
    drawn = picture(network)
    boxes = [area(box) for box in drawn.boxes]
    frames = [(frame.x, frame.y, frame.x + frame.width, frame.y + frame.height) for frame in drawn.frames]
    covered = [(line, segment) for line in drawn.lines for segment in segments(line)]
    for line in drawn.lines:
        for point in (line.points[0], line.points[-1]):
            on_line = any(other is not line and within((*point, *point), smaller(it, -0.5)) for other, it in covered)
            assert on_line or any(touches(point, box) for box in [*boxes, *frames]), f"{point} of {line}"
        if line.arrow:
            assert any(touches(line.points[-1], box) for box in [*boxes, *frames]), f"the arrow of {line}"
    for box in boxes:
        assert any(touches(line.points[at], box) for line in drawn.lines for at in (0, -1)), f"{box} stands alone"


def multiplicity(drawn: Picture, box: Box) -> int:
    """How often a box stands for a layer: the numbers beside it and beside the frames around it."""
    around = [area(box)] if box.stacked else []
    for frame in drawn.frames:
        outer = frame.x, frame.y, frame.x + frame.width, frame.y + frame.height
        if within(area(box), outer):
            around.append(outer)
    count = 1
    for label in drawn.labels:
        for outer in around:
            beside = 0 < label.x - outer[2] < 12 and abs((outer[1] + outer[3]) / 2 + 4 - label.y) < 0.1
            if label.bold.startswith("×") and beside:
                count *= int(label.bold[1:])
    return count


def test_every_layer_is_shown_or_counted(network: Architecture) -> None:
    drawn = picture(network)
    shown: Counter[str] = Counter()
    for box in drawn.boxes:
        times = multiplicity(drawn, box)
        if box.sign in ("add", "multiply"):
            shown[box.sign] += times
        elif box.family == "cell":
            shown["cell"] += times
        elif box.family == "merge":
            shown["concat"] += times
        elif box.labels and box.labels[0].bold:
            shown[box.labels[0].bold.split()[0]] += times
        for label in box.labels:
            if label.anchor == "start" and not label.bold and label.size == 10:
                for word in label.text.split(", "):
                    name, _, rest = word.partition(" ")
                    shown[name] += times * (int(rest.split("×")[1]) if "×" in rest else 1)
    wanted = Counter(block.op.name if isinstance(block, Layer) else "cell" for block in network.blocks)
    if network.cells:
        shown["concat"] = wanted["concat"]  # cells end in it, too
    assert {name: shown[name] for name in wanted} == wanted


def test_cells_are_drawn_once(named: Named) -> None:
    drawn = picture(named("darts", 1))
    titles = [label.bold for label in drawn.labels]
    assert titles.count("normal") == titles.count("reduction") == 1
    assert sorted(box.sign for box in drawn.boxes if box.sign) == sorted(["2", "3", "4", "5"] * 2)
    sketch = named("darts", 1).cells["normal"].sketch
    assert [spot.kind for spot in sketch.spots].count("op") == 8 + 2
    for kind in ("input 0 (earlier)", "input 1", "concat"):
        assert sum(kind == label.text for box in drawn.boxes for label in box.labels) == 2


def test_a_cell_reads_what_stands_two_before_it(named: Named) -> None:
    """The reduction reads from inside the three cells before it, and the cells after it read past the reduction."""
    drawn = picture(named("darts", 1))
    ways = [line for line in drawn.lines if len(line.points) == 4]
    aside = [line for line in ways if line.points[0][1] == line.points[1][1] and line.points[1][0] < line.points[0][0]]
    assert len(aside) == 4
    cells = [area(box) for box in drawn.boxes if box.family == "cell"]
    assert [[touches(line.points[-1], cell) for cell in cells].index(True) for line in aside] == [1, 2, 3, 4]


def test_long_networks_are_drawn_in_columns(named: Named) -> None:
    drawn = picture(named("long"))
    assert 0.5 < drawn.height / drawn.right < 2
    assert drawn.height < 1800


def test_runs_are_drawn_once(named: Named) -> None:
    drawn = picture(named("residual"))
    assert [label.bold for label in drawn.labels if label.bold] == ["×7", "×5", "×6"]
    assert len(named("residual").layers) > 5 * len(drawn.boxes)


@pytest.mark.parametrize(
    ("op", "input", "words"),
    [
        (Conv(64), (3, 8, 8), ["conv 3×3", "64"]),
        (Conv(64, 5, 2, bias=False), (3, 8), ["conv 5", "64", "stride 2"]),
        (MaxPool(3, stride=1, padding=1), (3, 8, 8), ["max_pool 3×3", "stride 1", "padding 1"]),
        (Dropout(1 / 18), (3,), ["dropout", "0.0556"]),
        (GroupNorm(4), (8, 8, 8), ["group_norm", "groups 4"]),
        (LSTM(32, bidirectional=True), (3, 8), ["lstm", "32", "bidirectional"]),
        (MBConv(16, 5, se=0.25, skip=False), (16, 8, 8), ["mbconv 5×5", "16", "se 0.25", "no skip"]),
    ],
)
def test_captions(op: Op, input: tuple[int, ...], words: list[str]) -> None:
    assert caption(op, input) == words


def test_families() -> None:
    modules = {name: family(cls.__new__(cls)) for name, cls in OPS.items()}
    assert {modules[name] for name in ("conv", "mbconv", "basic_block", "separable_conv")} == {"conv"}
    assert modules["transformer_block"] == modules["gru"] == "sequence"
    assert all(found != "plain" or quiet(OPS[name].__new__(OPS[name])) for name, found in modules.items())
