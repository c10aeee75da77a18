"""The plot of one metric of the trials over another: quality over size, or one objective over another."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib import ticker
from matplotlib.axes import Axes

from nas.formatting import is_fraction, show_short
from nas.objectives import fronts
from nas.ops import COSTS
from nas.pages.axes import legend_above, log_ticks, mark_clipped, new_axes, scale_values, value_ticks
from nas.pages.figure import COLOURS, new_figure
from nas.trial import Objective

WIDE = 20
"""Ratio of the values from which on the axis is logarithmic."""


@dataclass(frozen=True)
class Point:
    """A trial with a score: its number and its values on two metrics; `fidelity` as for `progress_plot.Dot`."""

    number: int
    across: float
    up: float
    fidelity: float = math.inf


def front_of(points: Sequence[Point], across: Objective, up: Objective) -> Sequence[Point]:
    """The Pareto front of the points, in ascending order on the horizontal axis."""
    signs = [1 if objective.direction == "maximize" else -1 for objective in (up, across)]
    front = next(fronts([(signs[0] * point.up, signs[1] * point.across) for point in points]), [])
    return sorted((points[place] for place in front), key=lambda point: (point.across, point.number))


def trade_off_plot(
    name: str,
    points: Sequence[Point],
    *,
    across: Objective,
    up: Objective,
    front: Collection[int] | None = None,
    front_name: str,
    finalists: Collection[int] = (),
    chosen: int | None = None,
) -> str:
    """One metric over another, with the Pareto front and the finalists.

    Only trials with the most epochs, and finalists, are shown.

    Args:
        name: a prefix of the ids of the SVG.
        points: the trials.
        across: the metric of the horizontal axis, with its direction.
        up: that of the vertical axis.
        front: the numbers of the trials of the Pareto front on these and further metrics; None: those of `front_of`,
            joined by a line.
        front_name: its label in the legend.
        finalists: the numbers of the trials of the finalists.
        chosen: the number of the selected one.
    """
    furthest = max((point.fidelity for point in points), default=math.inf)
    points = [point for point in points if point.fidelity == furthest or point.number in finalists]
    with new_figure(name, f"{up.metric} over {across.metric}", height=3.3) as (figure, svg):
        axes = new_axes(figure, up.metric, COSTS.get(across.metric, across.metric))
        heights = [point.up for point in points]
        shown = scale_values(axes, heights, up.metric, up.direction, room=0.15 if finalists else 0.06)
        places = [point.across for point in points]
        _across_axis(axes, places, across.metric)
        axes.scatter(places, shown, s=20, color=COLOURS["blue"], alpha=0.6, linewidths=0, label="trial")
        longest = [point for point in points if point.fidelity == furthest]
        best = front_of(longest, across, up) if front is None else [one for one in longest if one.number in front]
        if best and front is None:
            where: Literal["post", "pre"] = "post" if across.direction == "minimize" else "pre"
            steps = [point.across for point in best], [point.up for point in best]
            axes.step(*steps, where=where, color=COLOURS["green"], lw=1.6, label=front_name)
        elif best:
            steps = [point.across for point in best], [point.up for point in best]
            axes.scatter(*steps, s=26, color=COLOURS["green"], linewidths=0, label=front_name)
        mark_clipped(axes, places, heights)
        final = [point for point in points if point.number in finalists]
        if final:
            axes.scatter(
                [point.across for point in final],
                [point.up for point in final],
                s=[95 if point.number == chosen else 46 for point in final],
                facecolors=[COLOURS["vermilion"] if point.number == chosen else COLOURS["surface"] for point in final],
                edgecolors=COLOURS["vermilion"],
                linewidths=1.6,
                zorder=3,
                label="finalist",
            )
            _label(axes, final, chosen)
        legend_above(axes)
    return svg()


def _across_axis(axes: Axes, values: Sequence[float], metric: str) -> None:
    """Round numbers; the axis is logarithmic for costs, and for positive values over a wide range."""
    low, high = (min(values), max(values)) if values else (1, 10)
    if metric in COSTS and low <= 0:
        axes.xaxis.set_major_locator(ticker.MaxNLocator(5, integer=True))
        axes.set_xlim(-0.05 * (high or 1), 1.1 * (high or 1))
    elif low > 0 and (metric in COSTS or (high > WIDE * low and not is_fraction(metric))):
        axes.set_xscale("log")
        log_ticks(axes.xaxis, high / low)
        room = max((high / low) ** 0.06, 1.1)
        axes.set_xlim(low / room, high * room)
    else:
        room = 0.06 * (high - low) or 0.1 * abs(high) or 0.1
        axes.set_xlim(low - room, high + room)
        value_ticks(axes.xaxis, metric)
    if metric in COSTS:
        axes.xaxis.set_major_formatter(lambda value, _: show_short(value))
    elif axes.get_xscale() == "log":
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.6g}")


def _label(axes: Axes, dots: Sequence[Point], chosen: int | None) -> None:
    """Writes the number of the trial beside each dot, at the first place without overlap."""
    at = axes.transData.transform([(dot.across, dot.up) for dot in dots])
    frame = axes.bbox
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in at]
    for (x, y), dot in sorted(zip(at, dots, strict=True), key=lambda pair: pair[1].number != chosen):
        text = f"#{dot.number}"
        width, height = 7.0 * len(text), 11.0
        for dx, dy in _PLACES:
            left, low = x + dx - (width if dx < 0 else 0 if dx > 0 else width / 2), y + dy - height / 2
            box = (left, low, left + width, low + height)
            inside = frame.x0 <= left and left + width <= frame.x1 and frame.y0 <= low and low + height <= frame.y1
            if inside and not any(_overlap(box, other) for other in taken):
                break
        taken.append(box)
        axes.annotate(
            text,
            (dot.across, dot.up),
            xytext=(box[0] - x, box[1] - y + 1),
            textcoords="offset points",
            color=COLOURS["ink"],
            fontsize=10,
            fontweight="bold" if dot.number == chosen else "normal",
            annotation_clip=False,
            zorder=4,
        )


_PLACES = (
    (9, 0),
    (-9, 0),
    (0, 14),
    (0, -14),
    (9, 11),
    (9, -11),
    (-9, 11),
    (-9, -11),
    (0, 25),
    (0, -25),
    (22, 20),
    (22, -20),
)
_Box = tuple[float, float, float, float]


def _overlap(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
