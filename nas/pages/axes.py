"""Axes of plots: their place, their ticks, and their legend."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.figure import Figure

from nas.formatting import is_fraction, lower_fence, show_short
from nas.ops import COSTS
from nas.pages.figure import COLOURS, printable
from nas.trial import Direction


def new_axes(figure: Figure, metric: str, below: str, *, rows: int = 1, row: int = 0) -> Axes:
    """Axes at a fixed place, so that adjacent plots are aligned, with the name of the metric above."""
    width, height = figure.get_size_inches()
    top, bottom, gap = 0.55, 0.5, 0.7
    each = (height - top - bottom - gap * (rows - 1)) / rows
    at = height - top - each - row * (each + gap)
    axes = figure.add_axes((0.66 / width, at / height, 1 - 0.8 / width, each / height))
    axes.set_xlabel(printable(below))
    axes.set_title(printable(metric), loc="left", fontsize=10.5, fontweight="bold", pad=9)
    return axes


def scale_values(
    axes: Axes, values: Sequence[float], metric: str, direction: Direction, *, room: float = 0.06
) -> Sequence[float]:
    """Scales the y axis to the values without outliers; outliers are returned as NaN."""
    value_ticks(axes.yaxis, metric)
    if not values:
        axes.set_yticks([])
        return values
    sign = 1 if direction == "maximize" else -1
    scores = sign * np.asarray(values, dtype=float)
    floor = scores[scores >= lower_fence(list(scores))].min()
    span = scores.max() - floor or abs(floor) * 0.1 or 0.1
    axes.set_ylim(*sorted((sign * (floor - 0.06 * span), sign * (scores.max() + room * span))))
    return list(sign * np.where(scores < floor, np.nan, scores))


def value_ticks(axis: XAxis | YAxis, metric: str) -> None:
    """Round numbers; percentages for fractions, `50 k` for costs."""
    axis.set_major_locator(ticker.MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    if is_fraction(metric):
        axis.set_major_formatter(lambda value, _: f"{100 * value:.6g}\u00a0%")
    elif metric in COSTS:
        axis.set_major_formatter(lambda value, _: show_short(value))
    else:
        axis.set_major_formatter(lambda value, _: f"{value:.6g}")


def mark_clipped(axes: Axes, across: Sequence[float], values: Sequence[float]) -> None:
    """Triangles at the edges for values beyond them."""
    low, high = axes.get_ylim()
    sides: tuple[tuple[Literal["v", "^"], float, Callable[[float], bool]], ...] = (
        ("v", 0.02, lambda value: value < low),
        ("^", 0.98, lambda value: value > high),
    )
    for marker, edge, beyond in sides:
        found = [x for x, value in zip(across, values, strict=True) if beyond(value)]
        if found:
            axes.plot(
                found,
                [edge] * len(found),
                marker,
                transform=axes.get_xaxis_transform(),
                color=COLOURS["blue"],
                mfc="none",
                ms=5,
                label="off the scale",
            )


def whole_numbers(axes: Axes, numbers: Sequence[int]) -> None:
    axes.xaxis.set_major_locator(ticker.MaxNLocator(7, integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    low, high = (min(numbers), max(numbers)) if numbers else (0, 1)
    room = max(0.5, 0.02 * (high - low))
    axes.set_xlim(low - room, high + room)


def log_ticks(axis: XAxis | YAxis, ratio: float) -> None:
    """Round numbers for a logarithmic axis whose ends have this ratio."""
    axis.set_major_locator(
        ticker.LogLocator(subs=(1, 2, 5) if ratio < 20 else (1, 3) if ratio < 300 else (1,))
        if ratio >= 6
        else ticker.MaxNLocator(4)
    )
    axis.set_minor_locator(ticker.NullLocator())


def legend_above(axes: Axes, *, columns: int = 5) -> None:
    """A legend above the right end of the axes, in row-major order (matplotlib fills columns first)."""
    entries = list(zip(*axes.get_legend_handles_labels(), strict=True))
    if entries:
        columns = min(columns, len(entries))
        by_column = [entry for column in range(columns) for entry in entries[column::columns]]
        handles, labels = zip(*by_column, strict=True)
        axes.legend(list(handles), list(labels), loc="lower right", bbox_to_anchor=(1.01, 1.01), ncols=columns)
