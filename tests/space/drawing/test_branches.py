"""Branches, tangles and frames."""

from itertools import combinations

import pytest

from nas.space.drawing.branches import forked, framed, tangled
from nas.space.drawing.shapes import circle, pill
from tests.space.drawing.areas import apart, area, shapes_of, within


@pytest.mark.parametrize(("full", "empty"), [(1, 0), (1, 1), (2, 0), (3, 2), (0, 2)])
def test_branches_stand_apart_above_their_merge(full: int, empty: int) -> None:
    merge = circle("add")
    drawn = forked([pill(f"branch {number}", "conv") for number in range(full)], empty, merge)
    joint, *branches = drawn.boxes
    assert joint.sign == "add"
    assert all(box.y + box.height < joint.y for box in branches)
    assert all(apart(area(one), area(other)) for one, other in combinations(branches, 2))
    assert len([line for line in drawn.lines if line.arrow and line.points[-1][1] >= joint.y]) == full + empty
    page = (-drawn.left, 0.0, drawn.right, drawn.height)
    assert all(within(area(shape), page) for shape in shapes_of(drawn))


def test_a_tangle_is_in_rows() -> None:
    boxes = [pill(word, "conv") for word in ("a", "b", "c")]
    drawn = tangled(boxes, [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)])
    assert [box.y for box in drawn.boxes] == sorted({box.y for box in drawn.boxes})
    assert len(drawn.lines) >= 6, "and one leads out"


def test_a_frame_says_how_often() -> None:
    inner = pill("conv", "conv")
    drawn = framed(inner, 7)
    (frame,), (label,) = drawn.frames, drawn.labels
    assert label.bold == "×7"
    assert label.x > frame.x + frame.width
    outer = (frame.x, frame.y, frame.x + frame.width, frame.y + frame.height)
    assert all(within(area(box), outer) for box in drawn.boxes)
