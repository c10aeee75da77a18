"""Predicted values of a target: over the true ones, and their residuals."""

from collections.abc import Sequence

import numpy as np
from matplotlib import ticker

from nas.pages.axes import new_axes, value_ticks
from nas.pages.figure import COLOURS, new_figure

HEIGHT = 3.9


def truth_plot(name: str, points: Sequence[tuple[float, float]]) -> str:
    """Predictions over targets, given as pairs of target and prediction. `name` is a prefix of the ids of the SVG."""
    true, predicted = np.array(points, dtype=float).T
    with new_figure(name, "Predicted and true values", height=HEIGHT) as (figure, svg):
        axes = new_axes(figure, "predicted", "true")
        ends = min(true.min(), predicted.min()), max(true.max(), predicted.max())
        axes.plot(ends, ends, color=COLOURS["grey"], lw=1, ls=(0, (4, 3)), zorder=1)
        axes.scatter(true, predicted, s=14, color=COLOURS["blue"], alpha=0.5, linewidths=0)
        for axis in (axes.xaxis, axes.yaxis):
            value_ticks(axis, "")
    return svg()


def residuals_plot(name: str, points: Sequence[tuple[float, float]]) -> str:
    """Residuals, predictions minus targets, over predictions. `name` is a prefix of the ids of the SVG."""
    true, predicted = np.array(points, dtype=float).T
    with new_figure(name, "Residuals", height=HEIGHT) as (figure, svg):
        axes = new_axes(figure, "residual: predicted minus true", "predicted")
        axes.axhline(0, color=COLOURS["grey"], lw=1, ls=(0, (4, 3)), zorder=1)
        axes.scatter(predicted, predicted - true, s=14, color=COLOURS["vermilion"], alpha=0.5, linewidths=0)
        for axis in (axes.xaxis, axes.yaxis):
            value_ticks(axis, "")
        axes.xaxis.set_major_locator(ticker.MaxNLocator(6))
    return svg()
