"""The plots of what a search has learned, as SVG text: see `plots.py` for the style.

The cells of the map of values have fixed colours (viridis, which colour-blind people read as well, and which keeps its
order in grey), so the text in them is black or white and does not follow the page.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
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

from nas.explanation import Decision, Importance, Moment, Predictions
from nas.formatting import lower_fence, show_value
from nas.pages.plots import COLOURS, legend_above, new_axes, new_figure, printable, scale_values, whole_numbers
from nas.space import Value
from nas.trial import Direction

WIDTH = 6.6
"""Inches of a figure; 72 units of the SVG each."""
ROW = 0.27
"""Inches of a decision's row."""
LETTER = 0.073
"""Inches of a letter in the name of a decision."""
TOP, BELOW = 0.12, 1.75
"""Inches above the rows, and below them. Two maps of the same decisions, side by side, line up."""
OPTIONS = 8
"""Options of a decision that are shown: those of the highest values."""
NAME = 27
"""Characters of a decision's name that are shown."""
SMALL, SMALLEST = 8.5, 7.0
"""Points of the text in a cell; a letter is somewhat more than half as wide."""


@dataclass(frozen=True)
class Dot:
    """A trial with a score: its number, and the value of the metric."""

    number: int
    value: float


def values_plot(decisions: Sequence[Decision], kind: str, *, count: int = OPTIONS) -> str:
    """The values of the options, a row for each decision: what is taken is framed, what is not legal is hatched."""
    found = [value for decision in decisions for value in decision.values if value is not None and math.isfinite(value)]
    low, high = (0.0, 1.0) if kind == "probability" else _range(found)
    scale, colours = Normalize(low, high, clip=True), colormaps["viridis"]
    with new_figure(
        "option-values", f"{_kind(kind)} of the options along the greedy walk", height=_height(decisions)
    ) as (
        figure,
        svg,
    ):
        axes = _rows(figure, [decision.name for decision in decisions])
        for row, decision in enumerate(decisions):
            places = _shown(decision, count)
            for column, place in enumerate(places):
                width = 1 / len(places)
                value, text = decision.values[place], show_value(decision.options[place])
                corner = (column * width, row - 0.44)
                if value is None:
                    axes.add_patch(Rectangle(corner, width, 0.88, fc="none", ec=COLOURS["grid"], hatch="/////", lw=0))
                    _cell_text(axes, row, corner[0], width, text, COLOURS["muted"])
                    continue
                colour = colours(scale(value))
                axes.add_patch(Rectangle(corner, width, 0.88, fc=to_hex(colour), ec=COLOURS["surface"], lw=1.2))
                _cell_text(axes, row, corner[0], width, text, _on(colour))
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


def history_plot(
    decisions: Sequence[Decision],
    moments: Sequence[Moment],
    *,
    greedy: Sequence[Dot],
    best: Sequence[Dot],
    metric: str,
    direction: Direction,
) -> str:
    """When each decision of the greedy architecture came to be what it is at the end; below it, how good it was.

    Args:
        decisions: a row each.
        moments: the greedy architecture over the search.
        greedy: its metric at the moments at which it is known, by trials told.
        best: the best trial so far, by trials told.
        metric: its name.
        direction: which way is better.
    """
    with new_figure("history", "Greedy decisions over the search", height=_height(decisions)) as (figure, svg):
        axes = _rows(figure, [decision.name for decision in decisions])
        end = moments[-1].told
        for row, decision in enumerate(decisions):
            last = decision.options[decision.taken]
            for begin, until, value in _runs(moments, decision.name):
                same = value == last and type(value) is type(last)
                colour = COLOURS["blue" if same else "orange"]
                axes.add_patch(
                    Rectangle(
                        (begin / end, row - 0.44),
                        (until - begin) / end,
                        0.88,
                        fc=colour,
                        ec=COLOURS["surface"],
                        lw=1.2,
                        alpha=0.9 if same else 0.55,
                    )
                )
                _cell_text(
                    axes,
                    row,
                    begin / end,
                    (until - begin) / end,
                    show_value(value),
                    "#ffffff" if same else COLOURS["ink"],
                )
        below = _below(figure, axes, 0.72, BELOW - 0.82)
        _draw_scores(below, greedy, best, metric, direction)
        below.set_xlim(0, end)
        handles: list[Artist] = [
            Patch(fc=COLOURS["blue"], alpha=0.9, label="same as at the end"),
            Patch(fc=COLOURS["orange"], alpha=0.55, label="another option"),
        ]
        _legend(figure, [*handles, *below.get_legend_handles_labels()[0]])
    return svg()


def predictions_plot(predictions: Predictions, *, metric: str) -> str:
    """What was predicted and what was observed: ranks, so that the scales do not matter."""
    pairs = predictions.pairs
    with new_figure("predictions", "Ranks of predicted and observed scores", height=3.3) as (figure, svg):
        axes = new_axes(figure, f"rank of the observed {metric}", "rank of the prediction")
        half = (len(pairs) + 1) // 2
        across, up = _ranks([pair.predicted for pair in pairs]), _ranks([pair.observed for pair in pairs])
        for part, colour, label in (
            (slice(None, half), "orange", "first half of the trials"),
            (slice(half, None), "blue", "second half"),
        ):
            axes.scatter(across[part], up[part], s=18, color=COLOURS[colour], alpha=0.75, linewidths=0, label=label)
        ends = [1, max(2, len(pairs))]
        axes.plot(ends, ends, color=COLOURS["grey"], lw=1, ls=(0, (4, 3)), zorder=1)
        whole_numbers(axes, ends)
        legend_above(axes)
    return svg()


def windows_plot(predictions: Predictions) -> str:
    """The rank correlation in a moving window, with its interval."""
    with new_figure("windows", "Rank correlation of predictions over the search", height=3.3) as (figure, svg):
        axes = new_axes(figure, "rank correlation", "trial")
        trials = [window.trial for window in predictions.windows]
        found = [window.correlation for window in predictions.windows]
        axes.fill_between(
            trials, [one.low for one in found], [one.high for one in found], color=COLOURS["blue"], alpha=0.18, lw=0
        )
        axes.plot(
            trials,
            [one.value for one in found],
            color=COLOURS["blue"],
            lw=1.8,
            marker="o" if len(found) == 1 else None,
            label=f"window of {found[0].n} predictions" if found else None,
        )
        if predictions.overall:
            axes.axhline(
                predictions.overall.value, color=COLOURS["vermilion"], lw=1.3, ls=(0, (4, 3)), label="all predictions"
            )
        axes.axhline(0, color=COLOURS["grey"], lw=1)
        axes.set_ylim(min([-0.05, *(one.low for one in found)]) - 0.02, 1.02)
        whole_numbers(axes, trials)
        legend_above(axes)
    return svg()


def importance_plot(found: Sequence[Importance]) -> str:
    """Bars: the share that each decision explains, and what chance explains."""
    height = TOP + ROW * len(found) + 0.95
    with new_figure("importance", "Importance of decisions", height=height) as (figure, svg):
        names = [one.name for one in found]
        left = _room(names)
        axes = figure.add_axes((left / WIDTH, 0.87 / height, 1 - (left + 0.45) / WIDTH, ROW * len(found) / height))
        _row_names(axes, names)
        rows = range(len(found))
        most = max([1e-9, *(max(one.share, one.chance) for one in found)])
        for row, one in enumerate(found):
            colour = COLOURS["blue" if one.share > one.chance else "grey"]
            axes.add_patch(Rectangle((0, row - 0.32), one.share, 0.64, fc=colour, ec="none", alpha=0.85))
            axes.text(
                max(one.share, one.chance) + 0.015 * most,
                row + 0.03,
                f"{100 * one.share:.1f}\u00a0%",
                va="center",
                color=COLOURS["ink"],
                fontsize=SMALL,
            )
        axes.plot(
            [one.chance for one in found], rows, "|", color=COLOURS["vermilion"], ms=11, mew=2, label="chance (95 %)"
        )
        axes.set_xlim(0, 1.12 * most)
        value_ticks_across(axes)
        axes.set_xlabel("share of the difference between the best and the rest")
        _legend(figure, axes.get_legend_handles_labels()[0])
    return svg()


def value_ticks_across(axes: Axes) -> None:
    """Percentages on the axis below."""
    axes.grid(axis="x")
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.6g}\u00a0%")


def _kind(kind: str) -> str:
    return "Q-values" if kind == "Q" else "Probabilities"


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The ends of the colours: a few values far below the rest do not take them up."""
    if not values:
        return 0.0, 1.0
    low, high = max(min(values), lower_fence(values)), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _height(decisions: Sequence[Decision]) -> float:
    return TOP + ROW * len(decisions) + BELOW


def _rows(figure: Figure, names: Sequence[str]) -> Axes:
    """Axes with a row for each name, from 0 to 1."""
    height, left = float(figure.get_figheight()), _room(names)
    axes = figure.add_axes((left / WIDTH, BELOW / height, 1 - (left + 0.1) / WIDTH, ROW * len(names) / height))
    _row_names(axes, names)
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    return axes


def _room(names: Sequence[str]) -> float:
    """Inches left of the rows, for their names."""
    return 0.2 + LETTER * max([9, *(len(short_name(name)) for name in names)])


def _row_names(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [short_name(name) for name in names], fontsize=9)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)


def short_name(name: str, most: int = NAME) -> str:
    """A decision's name: `stage4…2.0.block.expansion` where there is no room for all of it.

    The first part stays, and as many of the last ones as there is room for: numbers and what is decided stand there.
    """
    name = printable(name)
    if len(name) <= most:
        return name
    first, *parts = name.split(".")
    tail = next((tail for at in range(len(parts)) if len(first) + 1 + len(tail := ".".join(parts[at:])) <= most), "")
    return f"{first}…{tail}" if tail else f"{name[: most - 1]}…"


def _cell_text(axes: Axes, row: int, left: float, width: float, text: str, colour: str) -> None:
    """The text in the middle of a cell: smaller, or without its middle, where there is not room enough."""
    room = width * float(axes.bbox.width) - 6
    text = printable(text)
    size = SMALL if 0.58 * SMALL * len(text) <= room else SMALLEST
    text = _clip(text, int(room / (0.56 * size)))
    if text:
        axes.text(left + width / 2, row + 0.03, text, ha="center", va="center", fontsize=size, color=colour, zorder=4)


def _clip(text: str, most: int) -> str:
    """Its beginning and its end; nothing where there is no room for either."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}…{text[len(text) - (most - 1) // 2 :]}" if most > 2 else ""


def _on(colour: Sequence[float]) -> str:
    """Black or white, whichever stands out; no colour of the page, as the cell's does not change with it."""
    red, green, blue = colour[:3]
    return "#101010" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "#ffffff"


def _shown(decision: Decision, count: int) -> Sequence[int]:
    """The places of the options that are shown, in their order."""
    values = decision.values
    ranked = sorted(range(len(values)), key=lambda place: -(-math.inf if values[place] is None else values[place] or 0))
    return sorted(ranked[:count])


def _colour_bar(figure: Figure, rows: Axes, scale: Normalize, kind: str, *, clipped: bool) -> None:
    axes = _below(figure, rows, BELOW - 0.42, 0.13, width=0.65)
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
    _legend(figure, handles)


def _legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """At the foot of the figure."""
    figure.legend(handles=list(handles), loc="lower left", bbox_to_anchor=(0.0, 0.0), ncols=4, fontsize=9)


def _below(figure: Figure, rows: Axes, at: float, height: float, *, width: float = 1.0) -> Axes:
    """Axes under the rows: how far up from the foot of the figure and how high in inches; a part of their width."""
    place, inch = rows.get_position(), 1 / float(figure.get_figheight())
    return figure.add_axes((place.x0, at * inch, width * place.width, height * inch))


def _draw_scores(axes: Axes, greedy: Sequence[Dot], best: Sequence[Dot], metric: str, direction: Direction) -> None:
    axes.set_ylabel(short_name(metric, 14), fontsize=9)
    axes.set_xlabel("trials told", fontsize=9, labelpad=1)
    axes.tick_params(labelsize=9)
    scale_values(axes, [dot.value for dot in (*best[-1:], *greedy)], metric, direction)
    axes.locator_params(axis="y", nbins=3)
    for dots, line, colour, label in (
        (best, "-", "vermilion", "best trial so far"),
        (greedy, "o", "blue", "greedy, where evaluated"),
    ):
        if dots:
            numbers, values = [dot.number for dot in dots], [dot.value for dot in dots]
            axes.plot(numbers, values, line, ms=4.5, lw=1.5, drawstyle="steps-post", color=COLOURS[colour], label=label)


def _runs(moments: Sequence[Moment], name: str) -> Sequence[tuple[int, int, Value]]:
    """The stretches of the search in which a decision stayed the same: from and to, in trials told, and its option."""
    found: list[tuple[int, int, Value]] = []
    begin = 0
    for moment in moments:
        decided = dict(moment.architecture.choices)
        if name in decided:
            value = decided[name]
            before = found[-1] if found else None
            if before and before[1] == begin and before[2] == value and type(before[2]) is type(value):
                found[-1] = (before[0], moment.told, value)
            else:
                found.append((begin, moment.told, value))
        begin = moment.told
    return found


def _ranks(values: Sequence[float]) -> Sequence[float]:
    """From 1 for the lowest; equal ones share their mean rank."""
    _, inverse, counts = np.unique(np.asarray(values, dtype=float), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return [float(rank) for rank in (last - (counts - 1) / 2)[inverse]]
