"""The map of the values of options at the end of a search.

The colours of the cells are fixed (viridis, which is perceptually uniform, readable by colour-blind people and in
greyscale), so the text in them is black or white and does not follow the page.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from nas.explanation import Decision
from nas.formatting import lower_fence, show_value
from nas.pages.figure import COLOURS, new_figure
from nas.pages.run.decision_rows import BELOW, axes_below, cell_text, height_of, legend_below, rows_axes

OPTIONS = 8
"""The number of options of a decision that are shown: those with the highest values."""


def values_plot(decisions: Sequence[Decision], kind: str, *, count: int = OPTIONS) -> str:
    """The values of the options, a row for each decision: the option taken is framed, illegal options are hatched."""
    found = [value for decision in decisions for value in decision.values if value is not None and math.isfinite(value)]
    low, high = (0.0, 1.0) if kind == "probability" else _range(found)
    scale, colours = Normalize(low, high, clip=True), colormaps["viridis"]
    with new_figure(
        "option-values", f"{_kind(kind)} of the options along the greedy walk", height=height_of(decisions)
    ) as (
        figure,
        svg,
    ):
        axes = rows_axes(figure, [decision.name for decision in decisions])
        for row, decision in enumerate(decisions):
            places = _shown(decision, count)
            for column, place in enumerate(places):
                width = 1 / len(places)
                value, text = decision.values[place], show_value(decision.options[place])
                corner = (column * width, row - 0.44)
                if value is None:
                    axes.add_patch(Rectangle(corner, width, 0.88, fc="none", ec=COLOURS["grid"], hatch="/////", lw=0))
                    cell_text(axes, row, corner[0], width, text, COLOURS["muted"])
                    continue
                colour = colours(scale(value))
                axes.add_patch(Rectangle(corner, width, 0.88, fc=to_hex(colour), ec=COLOURS["surface"], lw=1.2))
                cell_text(axes, row, corner[0], width, text, _on(colour))
                if place == decision.best:
                    axes.plot(
                        corner[0] + width - 0.013,
                        row - 0.24,
                        "o",
                        ms=4.5,
                        mfc=COLOURS["vermilion"],
                        mec="#ffffff",
                        mew=0.9,
                    )
            if decision.taken in places:
                left = places.index(decision.taken) / len(places)
                axes.add_patch(
                    Rectangle((left, row - 0.44), 1 / len(places), 0.88, fc="none", ec=COLOURS["ink"], lw=2, zorder=3)
                )
        _colour_bar(figure, axes, scale, kind, clipped=bool(found) and min(found) < low)
        _values_legend(figure, decisions)
    return svg()


def _kind(kind: str) -> str:
    return "Q-values" if kind == "Q" else "Probabilities"


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The ends of the colour scale, without outliers at the lower end."""
    if not values:
        return 0.0, 1.0
    low, high = max(min(values), lower_fence(values)), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _on(colour: Sequence[float]) -> str:
    """Black or white, whichever has more contrast; it is independent of the page, like the colour of the cell."""
    red, green, blue = colour[:3]
    return "#101010" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "#ffffff"


def _shown(decision: Decision, count: int) -> Sequence[int]:
    """The indices of the options that are shown, in ascending order."""
    values = decision.values
    ranked = sorted(range(len(values)), key=lambda place: -(-math.inf if values[place] is None else values[place] or 0))
    return sorted(ranked[:count])


def _colour_bar(figure: Figure, rows: Axes, scale: Normalize, kind: str, *, clipped: bool) -> None:
    axes = axes_below(figure, rows, BELOW - 0.42, 0.13, width=0.65)
    low, high = float(scale.vmin or 0.0), float(scale.vmax or 0.0)
    edges = np.linspace(low, high, 65)
    cells = [[(a, 0), (b, 0), (b, 1), (a, 1)] for a, b in pairwise(edges)]
    middles = (edges[1:] + edges[:-1]) / 2
    colours = [to_hex(colormaps["viridis"](scale(value))) for value in middles]
    axes.add_collection(PolyCollection(cells, facecolors=colours, edgecolors=colours, linewidths=0.4))
    axes.set_xlim(low, high)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.tick_params(axis="x", labelsize=9, length=0)
    axes.locator_params(axis="x", nbins=4)
    axes.set_xlabel(("Q-value" if kind == "Q" else "probability") + (", lower values clipped" if clipped else ""))


def _values_legend(figure: Figure, decisions: Sequence[Decision]) -> None:
    handles: list[Artist] = [Patch(fc="none", ec=COLOURS["ink"], lw=2, label="taken (highest value)")]
    if any(decision.best is not None for decision in decisions):
        dot = {"marker": "o", "ls": "", "ms": 5, "mfc": COLOURS["vermilion"], "mec": COLOURS["vermilion"]}
        handles.append(Line2D([], [], label="taken in the best trial", **dot))  # type: ignore[arg-type]
    if any(value is None for decision in decisions for value in decision.values):
        handles.append(Patch(fc="none", ec=COLOURS["grid"], hatch="/////", lw=0, label="not legal here"))
    legend_below(figure, handles)
