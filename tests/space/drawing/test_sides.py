"""Lines beside a column."""

from collections.abc import Callable

from nas.space import Architecture
from nas.space.drawing.layout import layout
from nas.space.drawing.sides import Side, sides_of
from nas.space.drawing.structure import structure
from tests.space.drawing.areas import area, touches

Named = Callable[..., Architecture]


def test_a_cell_reads_what_stands_two_before_it(named: Named) -> None:
    """The reduction reads from inside the three cells before it, and the cells after it read past the reduction."""
    drawn = layout(named("darts", 1))
    ways = [line for line in drawn.lines if len(line.points) == 4]
    aside = [line for line in ways if line.points[0][1] == line.points[1][1] and line.points[1][0] < line.points[0][0]]
    assert len(aside) == 4
    cells = [area(box) for box in drawn.boxes if box.family == "cell"]
    assert [[touches(line.points[-1], cell) for cell in cells].index(True) for line in aside] == [1, 2, 3, 4]


def test_a_network_whose_layers_read_the_one_before_has_no_side_lines(named: Named) -> None:
    for name in ("residual", "long"):
        assert sides_of(named(name), structure(named(name), exact=False)) == []
    arch = named("darts", 1)
    found = sides_of(arch, structure(arch, exact=False))
    assert all(isinstance(side, Side) and side.source < side.target for side in found)
