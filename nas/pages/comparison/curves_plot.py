"""Curves of controllers with confidence bands: quality over the budget, and shares of runs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nas.pages.comparison.log_axis import LogAxis
from nas.pages.comparison.plot import Plot, plotted
from nas.pages.comparison.who import Who
from nas.pages.figure import COLOURS, printable
from nas.simulation.results import Floats

BANDS = 3
"""The largest number of controllers with bands in a plot of shares; more would overlap."""


@dataclass(frozen=True, eq=False)
class Line:
    """A curve with its band, each `(points,)`; NaN where there is no value."""

    who: Who
    across: Floats
    center: Floats
    low: Floats
    high: Floats


def curves_plot(name: str, title: str, lines: Sequence[Line], *, across: str, upward: str, log: bool) -> Plot:
    """Anytime curves with bands, labelled at their ends."""

    def paint(figure: Figure) -> None:
        axes = _axes(figure, upward, across, right=_label_room(lines))
        values = np.concatenate([part for line in lines for part in (line.center, line.low, line.high)])
        centers = np.concatenate([line.center for line in lines])
        scale = LogAxis.of(centers, values) if log else None
        place = scale.place if scale else np.asarray
        ends = []
        faint = 0.13 if len(lines) <= 6 else 0.07
        for line in lines:
            known = np.isfinite(line.center)
            x, low, high = line.across[known], place(line.low[known]), place(line.high[known])
            axes.fill_between(x, low, high, step="post", color=line.who.colour, alpha=faint, lw=0)
            _trace(axes, line.who, x, place(line.center[known]))
            ends.append((line.who, float(x[-1]), float(place(line.center[known])[-1])))
        if scale:
            scale.mark(axes, "y")
        else:
            axes.yaxis.set_major_locator(ticker.MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.6g}")
            _room(axes, values)
        _from_zero(axes, lines)
        _label_ends(axes, ends)

    return plotted(name, title, 3.5, paint)


def share_plot(name: str, title: str, lines: Sequence[Line], *, across: str, upward: str) -> Plot:
    """Step functions between 0 and 1: shares of runs, with bands if there are few."""

    def paint(figure: Figure) -> None:
        axes = _axes(figure, upward, across, right=_label_room(lines))
        axes.axhline(0.5, color=COLOURS["muted"], lw=0.8, ls=(0, (2, 3)))
        ends = []
        for line in lines:
            if len(lines) <= BANDS:
                axes.fill_between(line.across, line.low, line.high, step="post", color=line.who.colour, alpha=0.1, lw=0)
            _trace(axes, line.who, line.across, line.center)
            ends.append((line.who, float(line.across[-1]), float(line.center[-1])))
        axes.set_ylim(-0.02, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0\u00a0%", "25\u00a0%", "50\u00a0%", "75\u00a0%", "100\u00a0%"])
        _from_zero(axes, lines)
        _label_ends(axes, ends)

    return plotted(name, title, 3.5, paint)


def _axes(figure: Figure, above: str, below: str, *, right: float) -> Axes:
    width, height = figure.get_size_inches()
    axes = figure.add_axes((0.66 / width, 0.52 / height, 1 - (0.66 + right) / width, 1 - 0.98 / height))
    axes.set_xlabel(printable(below))
    axes.set_title(printable(above), loc="left", fontsize=10.5, fontweight="bold", pad=9)
    return axes


def _room(axes: Axes, values: Floats) -> None:
    known = values[np.isfinite(values)]
    room = 0.05 * float(known.max() - known.min()) or abs(float(known.max())) * 0.05 or 0.1
    axes.set_ylim(float(known.min()) - room, float(known.max()) + room)


def _from_zero(axes: Axes, lines: Sequence[Line]) -> None:
    last = max(float(line.across[np.isfinite(line.center)][-1]) for line in lines)
    axes.set_xlim(0, last * 1.005 or 1)
    axes.xaxis.set_major_locator(ticker.MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")


def _trace(axes: Axes, who: Who, x: Floats, y: Floats) -> None:
    """A line with some markers, at different places for different lines."""
    first = (who.place * 0.37) % 1
    wanted = np.unique(np.rint((np.arange(5) + first) / 5 * (len(x) - 1)).astype(int)) if len(x) > 8 else None
    axes.plot(
        x,
        y,
        color=who.colour,
        ls=who.dash,
        lw=1.7,
        drawstyle="steps-post",
        marker=who.marker,
        markevery=None if wanted is None else wanted.tolist(),
        ms=4.5,
        mew=0,
        solid_capstyle="butt",
        zorder=3,
    )


def _label_room(lines: Sequence[Line]) -> float:
    return 0.55 + 0.08 * max(len(line.who.label) for line in lines)


def _label_ends(axes: Axes, ends: Sequence[tuple[Who, float, float]]) -> None:
    """Labels the lines at their right ends, moved vertically to avoid overlap."""
    frame = axes.bbox
    gap = min(15.0, frame.height / max(len(ends), 1))
    wanted = [(float(axes.transData.transform((x, y))[1]), who, x, y) for who, x, y in ends]
    wanted.sort(key=lambda item: (item[0], -item[1].place))
    heights: list[float] = []
    for place, *_ in wanted:
        heights.append(max(place, heights[-1] + gap if heights else frame.y0))
    ceiling = frame.y1
    for index in reversed(range(len(heights))):
        heights[index] = min(heights[index], ceiling)
        ceiling = heights[index] - gap
    across = axes.transAxes
    unit = 1 / frame.width
    for height, (_, who, x, y) in zip(heights, wanted, strict=True):
        level = (height - frame.y0) / frame.height
        start = axes.transAxes.inverted().transform(axes.transData.transform((x, y)))
        axes.plot(
            [start[0], 1 + 9 * unit],
            [start[1], level],
            transform=across,
            color=who.colour,
            lw=0.7,
            alpha=0.6,
            clip_on=False,
        )
        axes.plot(
            [1 + 10 * unit, 1 + 20 * unit, 1 + 30 * unit],
            [level] * 3,
            transform=across,
            color=who.colour,
            ls=who.dash,
            lw=1.7,
            marker=who.marker,
            markevery=[1],
            ms=4.5,
            mew=0,
            clip_on=False,
        )
        axes.text(
            1 + 34 * unit,
            level,
            who.label,
            transform=across,
            va="center",
            ha="left",
            fontsize=9.5,
            color=COLOURS["ink"],
        )
