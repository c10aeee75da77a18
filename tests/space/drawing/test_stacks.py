"""Columns, and parts one below the other."""

from collections.abc import Callable

import pytest

from nas.space import Architecture
from nas.space.drawing.layout import layout
from nas.space.drawing.shapes import pill
from nas.space.drawing.stacks import beside, shared_out, stacked, tops_of


def test_long_networks_are_drawn_in_columns(named: Callable[..., Architecture]) -> None:
    drawn = layout(named("long"))
    assert 0.5 < drawn.height / drawn.right < 2
    assert drawn.height < 1800


def test_parts_stand_below_each_other_with_a_line_between_two() -> None:
    parts = [pill(word, "end") for word in ("a", "b", "c")]
    drawn = stacked(parts, [None, (4, 8), None], tail=False)
    assert [box.y for box in drawn.boxes] == tops_of(parts, [None, (4, 8), None])
    assert [(line.points[0][1], line.points[-1][1]) for line in drawn.lines] == [
        (one.y + one.height, other.y) for one, other in zip(drawn.boxes, drawn.boxes[1:], strict=False)
    ]
    assert [label.text for label in drawn.labels] == ["4×8"]
    assert len(stacked(parts, [None] * 3, tail=True).lines) == 3


@pytest.mark.parametrize("count", [1, 2, 3])
def test_columns_are_about_equally_tall(count: int) -> None:
    heights = [float(number % 5 + 1) for number in range(30)]
    columns = list(shared_out(heights, count))
    assert [at for members in columns for at in members] == list(range(30))
    assert len(columns) == count
    tall = [sum(heights[at] for at in members) for members in columns]
    assert max(tall) - min(tall) <= 2 * max(heights)


def test_a_line_leads_from_each_column_to_the_next() -> None:
    columns = [stacked([pill(word, "end")] * 2, [None] * 2, tail=False) for word in "abc"]
    drawn = beside(columns)
    assert len(drawn.boxes) == 6
    assert len([line for line in drawn.lines if len(line.points) == 6]) == 2
    assert beside(columns[:1]).boxes == columns[0].moved(columns[0].left, 0).boxes
