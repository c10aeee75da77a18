"""What a reader expects of a drawing: nothing lies on anything else, nothing is left out, ways lead somewhere."""

from collections import Counter
from collections.abc import Callable
from itertools import combinations

from nas.space import Architecture, Layer
from nas.space.drawing.layout import layout
from nas.space.drawing.shapes import Box, Drawing
from tests.space.drawing.areas import apart, area, segments, shapes_of, smaller, touches, within

Named = Callable[..., Architecture]


def test_nothing_overlaps(network: Architecture) -> None:
    drawn = layout(network)
    for one, other in combinations(shapes_of(drawn), 2):
        assert apart(area(one), area(other)), f"{one} and {other}"
    for box in drawn.boxes:
        for label in box.labels:
            assert within(area(label), area(box)), f"{label} in {box}"
        for one_label, other_label in combinations(box.labels, 2):
            assert apart(area(one_label), area(other_label)), f"{one_label} and {other_label}"


def test_no_line_crosses_a_box_or_a_label(network: Architecture) -> None:
    drawn = layout(network)
    solid = [smaller(area(shape)) for shape in shapes_of(drawn)]
    for line in drawn.lines:
        for segment in segments(line):
            for shape in solid:
                assert apart(segment, shape), f"{line} and {shape}"


def test_all_is_on_the_page(network: Architecture) -> None:
    drawn = layout(network)
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
    drawn = layout(network)
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


def multiplicity(drawn: Drawing, box: Box) -> int:
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
    drawn = layout(network)
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


def test_runs_are_drawn_once(named: Named) -> None:
    drawn = layout(named("residual"))
    assert [label.bold for label in drawn.labels if label.bold] == ["×7", "×5", "×6"]
    assert len(named("residual").layers) > 5 * len(drawn.boxes)
