"""Plots with a row for each decision: their layout, the names of the rows, and the text of the cells.

Two maps of the same decisions, side by side, line up.
"""

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas.explanation import Decision
from nas.pages.figure import WIDTH, printable

ROW = 0.27
"""Height of a row in inches."""
LETTER = 0.073
"""Width of a letter in the name of a decision, in inches."""
TOP, BELOW = 0.12, 1.75
"""Inches above and below the rows."""
NAME = 27
"""The largest number of characters of a name."""
SMALL, SMALLEST = 8.5, 7.0
"""Font sizes of the text in a cell, in points."""


def height_of(decisions: Sequence[Decision]) -> float:
    """Height of a figure with a row for each decision, in inches."""
    return TOP + ROW * len(decisions) + BELOW


def rows_axes(figure: Figure, names: Sequence[str]) -> Axes:
    """Axes with a row for each name, from 0 to 1."""
    height, left = float(figure.get_figheight()), name_room(names)
    axes = figure.add_axes((left / WIDTH, BELOW / height, 1 - (left + 0.1) / WIDTH, ROW * len(names) / height))
    name_rows(axes, names)
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    return axes


def name_room(names: Sequence[str]) -> float:
    """Inches for the names, left of the rows."""
    return 0.2 + LETTER * max([9, *(len(short_name(name)) for name in names)])


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Writes the names beside the rows."""
    axes.set_yticks(range(len(names)), [short_name(name) for name in names], fontsize=9)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)


def short_name(name: str, most: int = NAME) -> str:
    """The name of a decision, shortened if necessary: `stage4…2.0.block.expansion`.

    The first part is kept, and as many of the last parts as possible: these contain the numbers and the argument.
    """
    name = printable(name)
    if len(name) <= most:
        return name
    first, *parts = name.split(".")
    tail = next((tail for at in range(len(parts)) if len(first) + 1 + len(tail := ".".join(parts[at:])) <= most), "")
    return f"{first}…{tail}" if tail else f"{name[: most - 1]}…"


def cell_text(axes: Axes, row: int, left: float, width: float, text: str, colour: str) -> None:
    """Centred text in a cell, smaller or shortened in the middle if necessary."""
    room = width * float(axes.bbox.width) - 6
    text = printable(text)
    size = SMALL if 0.58 * SMALL * len(text) <= room else SMALLEST
    text = _clip(text, int(room / (0.56 * size)))
    if text:
        axes.text(left + width / 2, row + 0.03, text, ha="center", va="center", fontsize=size, color=colour, zorder=4)


def _clip(text: str, most: int) -> str:
    """A text shortened in the middle; empty if there is no room."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}…{text[len(text) - (most - 1) // 2 :]}" if most > 2 else ""


def legend_below(figure: Figure, handles: Sequence[Artist]) -> None:
    """A legend at the bottom of the figure."""
    figure.legend(handles=list(handles), loc="lower left", bbox_to_anchor=(0.0, 0.0), ncols=4, fontsize=9)


def axes_below(figure: Figure, rows: Axes, at: float, height: float, *, width: float = 1.0) -> Axes:
    """Axes below the rows: distance from the bottom and height in inches, width relative to the rows."""
    place, inch = rows.get_position(), 1 / float(figure.get_figheight())
    return figure.add_axes((place.x0, at * inch, width * place.width, height * inch))
