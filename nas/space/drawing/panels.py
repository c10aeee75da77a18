"""The graphs of cells, each in its own frame."""

from collections.abc import Mapping, Sequence

from nas.space.drawing.captions import family
from nas.space.drawing.layered import place
from nas.space.drawing.shapes import BIG, RADIUS, SMALL, Drawing, Frame, Label, Line, circle, joined, pill, shortened
from nas.space.network.cell import Cell


def different(cells: Mapping[str, Cell]) -> list[tuple[list[str], Cell]]:
    """Cells that look different, each with the names of all cells that look like it."""
    found: dict[object, tuple[list[str], Cell]] = {}
    for name, cell in cells.items():
        sketch = cell.sketch
        key = tuple((spot.kind, spot.label) for spot in sketch.spots), sketch.edges, sketch.note
        found.setdefault(key, ([], cell))[0].append(name)
    return list(found.values())


def panel_of(names: Sequence[str], cell: Cell) -> Drawing:
    """The graph of a cell in a frame, with its names; its top left corner is (0, 0)."""
    spots, edges, note = cell.sketch
    drawn = []
    for kind, label, layers in spots:
        if kind == "node":
            drawn.append(circle(label, RADIUS + 2))
        else:
            costly = max(
                layers,
                key=lambda layer: (layer.cost.macs, layer.cost.params, family(layer.op) != "plain"),
                default=None,
            )
            colour = (
                "end" if kind == "input" else "merge" if kind == "output" else family(costly.op) if costly else "plain"
            )
            drawn.append(pill(label, colour, size=SMALL + 0.5))
    placed = place([(part.width, part.height) for part in drawn], edges)
    title = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    labels = [Label(14, 20, "", shortened(title, BIG, 300), BIG)]
    top = 34.0
    if note:
        labels.append(Label(14, 35, shortened(note, SMALL, 300)))
        top += 14
    width = max(placed.width, *(label.width for label in labels)) + 28
    left = (width - placed.width) / 2
    height = top + placed.height + 14
    parts = [
        part.moved(left + x, top + y - part.height / 2) for part, (x, y) in zip(drawn, placed.middles, strict=True)
    ]
    lines = tuple(Line(tuple((left + x, top + y) for x, y in route), arrow=True) for route in placed.routes)
    shapes = Drawing(lines=lines, labels=tuple(labels), frames=(Frame(0, 0, width, height),))
    return joined([*parts, shapes], right=width, height=height)
