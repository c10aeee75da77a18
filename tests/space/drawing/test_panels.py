"""The graphs of cells."""

from collections.abc import Callable

from nas.space import Architecture
from nas.space.drawing.layout import layout
from nas.space.drawing.panels import different, panel_of
from tests.space.drawing.areas import area, shapes_of, within

Named = Callable[..., Architecture]


def test_cells_are_drawn_once(named: Named) -> None:
    drawn = layout(named("darts", 1))
    titles = [label.bold for label in drawn.labels]
    assert titles.count("normal") == titles.count("reduction") == 1
    assert sorted(box.sign for box in drawn.boxes if box.sign) == sorted(["2", "3", "4", "5"] * 2)
    sketch = named("darts", 1).cells["normal"].sketch
    assert [spot.kind for spot in sketch.spots].count("op") == 8 + 2
    for kind in ("input 0 (earlier)", "input 1", "concat"):
        assert sum(kind == label.text for box in drawn.boxes for label in box.labels) == 2


def test_cells_that_look_the_same_share_a_panel(named: Named) -> None:
    cell = named("darts", 1).cells["normal"]
    ((names, found),) = different({"a": cell, "b": cell})
    assert (names, found) == (["a", "b"], cell)
    (frame,) = panel_of(names, found).frames
    drawn = panel_of(["a", "b", "c", "d"], found)
    assert drawn.frames == (frame,)
    assert drawn.labels[0].bold == "a, b and 2 more"
    assert all(within(area(shape), (0.0, 0.0, frame.width, frame.height)) for shape in shapes_of(drawn))
