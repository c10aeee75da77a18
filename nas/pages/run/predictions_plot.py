"""Predicted and observed scores: their ranks, and the rank correlation over a search."""

from collections.abc import Sequence

import numpy as np

from nas.explanation import Predictions
from nas.pages.axes import legend_above, new_axes, whole_numbers
from nas.pages.figure import COLOURS, new_figure


def predictions_plot(predictions: Predictions, *, metric: str) -> str:
    """Observed over predicted scores, as ranks, so that their scales do not matter."""
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
    """The rank correlation in a moving window, with its confidence interval."""
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


def _ranks(values: Sequence[float]) -> Sequence[float]:
    """Ranks from 1 for the lowest; mean ranks for ties."""
    _, inverse, counts = np.unique(np.asarray(values, dtype=float), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return [float(rank) for rank in (last - (counts - 1) / 2)[inverse]]
