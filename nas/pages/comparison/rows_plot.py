"""Plots with a row for each controller: all of its runs, or an interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from nas.pages.comparison.log_axis import ZERO, LogAxis
from nas.pages.comparison.plot import Plot, plotted
from nas.pages.comparison.who import Who
from nas.pages.figure import COLOURS, printable
from nas.simulation.results import Floats


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its confidence interval."""

    who: Who
    value: float
    low: float
    high: float


def strips_plot(name: str, title: str, rows: Sequence[tuple[Who, Floats]], *, across: str, log: bool) -> Plot:
    """All runs as dots, the interquartile range as a box, the median as a line, and the mean as a diamond.

    The axis is linear if a value is negative.
    """

    def paint(figure: Figure) -> None:
        axes = _rows(figure, [who for who, _ in rows], across)
        values = np.concatenate([runs for _, runs in rows])
        # If most runs are at 0, the mean and a quartile can lie below all positive values.
        marks = [np.array([*np.quantile(runs, [0.25, 0.5, 0.75]), runs.mean()]) for _, runs in rows]
        scale = LogAxis.of(np.concatenate([values, *marks]), values) if log and values.min() >= -ZERO else None
        place = scale.place if scale else np.asarray
        for row, ((who, runs), drawn) in enumerate(zip(rows, marks, strict=True)):
            *quarters, mean = place(drawn).tolist()
            box = Rectangle((quarters[0], row - 0.26), quarters[2] - quarters[0], 0.52)
            box.set(facecolor=who.colour, alpha=0.2, edgecolor=who.colour, linewidth=0.8)
            axes.add_patch(box)
            # A golden-ratio sequence separates runs with similar values without random numbers.
            spread = ((np.arange(len(runs)) * 0.618034) % 1 - 0.5) * 0.46
            axes.scatter(place(np.sort(runs)), row + spread, s=11, color=who.colour, alpha=0.65, linewidths=0, zorder=3)
            axes.plot([quarters[1]] * 2, [row - 0.26, row + 0.26], color=COLOURS["ink"], lw=1.8, zorder=4)
            axes.plot(
                [mean],
                [row],
                "D",
                color=COLOURS["surface"],
                mec=COLOURS["ink"],
                mew=1.1,
                ms=5,
                zorder=5,
            )
        if scale:
            scale.mark(axes, "x")
        else:
            _plain(axes, values)

    return plotted(name, title, max(3.5, 1.0 + 0.42 * len(rows)), paint)


def intervals_plot(name: str, title: str, rows: Sequence[Interval], *, across: str) -> Plot:
    """A value with its confidence interval for each controller."""

    def paint(figure: Figure) -> None:
        axes = _rows(figure, [row.who for row in rows], across)
        for place, row in enumerate(rows):
            axes.plot([row.low, row.high], [place, place], color=row.who.colour, lw=5, alpha=0.35)
            axes.plot([row.value], [place], row.who.marker, color=row.who.colour, ms=7)
            axes.annotate(
                f"{row.value:.3g}",
                (row.value, place),
                xytext=(0, 7),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                color=COLOURS["ink"],
            )
        _plain(axes, np.array([end for row in rows for end in (row.low, row.high)]))

    return plotted(name, title, 1.05 + 0.42 * len(rows), paint)


def _rows(figure: Figure, who: Sequence[Who], below: str) -> Axes:
    """Axes with one row for each controller, the first on top."""
    width, height = figure.get_size_inches()
    left = 0.3 + 0.085 * max(len(each.label) for each in who)
    axes = figure.add_axes((left / width, 0.6 / height, 1 - (left + 0.2) / width, 1 - 0.8 / height))
    axes.set_xlabel(printable(below))
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_ylim(len(who) - 0.45, -0.6)
    axes.set_yticks(range(len(who)), [each.label for each in who])
    axes.tick_params(axis="y", labelcolor=COLOURS["ink"])
    return axes


def _plain(axes: Axes, values: Floats) -> None:
    axes.xaxis.set_major_locator(ticker.MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.6g}")
    low, high = float(values.min()), float(values.max())
    room = 0.06 * (high - low) or abs(high) * 0.05 or 0.1
    axes.set_xlim(low - room, high + room)
