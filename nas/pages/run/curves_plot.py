"""Learning curves: metrics over the epochs of a training."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from nas.formatting import is_fraction
from nas.pages.axes import legend_above, log_ticks, new_axes, value_ticks, whole_numbers
from nas.pages.figure import COLOURS, LINES, new_figure, printable


@dataclass(frozen=True)
class Curve:
    """A value after each epoch, from epoch 1 on."""

    label: str
    values: Sequence[float]
    bold: bool = False


@dataclass(frozen=True)
class Panel:
    """The curves of one metric, which share axes."""

    metric: str
    curves: Sequence[Curve]


def curves_plot(name: str, panels: Sequence[Panel]) -> str:
    """Learning curves, with axes for each metric, one above the other. `name` is a prefix of the ids of the SVG."""
    title = " and ".join(panel.metric for panel in panels) + " over the epochs"
    with new_figure(name, title, height=1.3 + 2.2 * len(panels)) as (figure, svg):
        for row, panel in enumerate(panels):
            axes = new_axes(figure, panel.metric, "epoch" if row + 1 == len(panels) else "", rows=len(panels), row=row)
            _draw_curves(axes, panel)
            if row == 0:
                legend_above(axes, columns=4)
    return svg()


def _draw_curves(axes: Axes, panel: Panel) -> None:
    values = [float(value) for curve in panel.curves for value in curve.values if math.isfinite(value)] or [0.0]
    logarithmic = not is_fraction(panel.metric) and min(values) > 0 and max(values) > 5 * min(values)
    if logarithmic:
        axes.set_yscale("log")
        log_ticks(axes.yaxis, max(values) / min(values))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.6g}")
    else:
        value_ticks(axes.yaxis, panel.metric)
    for index, curve in enumerate(panel.curves):
        axes.plot(
            range(1, len(curve.values) + 1),
            curve.values,
            color=COLOURS[LINES[index % len(LINES)]],
            lw=2.2 if curve.bold else 1.3,
            ls="-" if index < len(LINES) else "--",
            marker="o" if len(curve.values) == 1 else None,
            ms=4,
            zorder=3 if curve.bold else 2,
            label=printable(curve.label),
        )
    whole_numbers(axes, [1, max((len(curve.values) for curve in panel.curves), default=1)])
    if is_fraction(panel.metric):
        _cut_warm_up(axes, panel)


def _cut_warm_up(axes: Axes, panel: Panel) -> None:
    """Fits the axis to the curves after their first third, so that their ends are distinguishable."""
    late = [value for curve in panel.curves for value in curve.values[len(curve.values) // 3 :] if math.isfinite(value)]
    if late:
        best = max(value for curve in panel.curves for value in curve.values if math.isfinite(value))
        room = 0.05 * (best - min(late)) or abs(best) * 0.01 or 0.01
        axes.set_ylim(min(late) - room, best + room)
