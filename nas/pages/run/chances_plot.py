"""How good predicted probabilities are: the ROC curve of two classes, and the calibration."""

from matplotlib.axes import Axes

from nas.pages.axes import legend_above, new_axes
from nas.pages.figure import COLOURS, new_figure
from nas.tasks.calibration import Calibration
from nas.tasks.diagnosis import Roc

HEIGHT = 4.2


def roc_plot(found: Roc) -> str:
    """The share of positive samples that are found, over the share of the others that are taken for them."""
    with new_figure("roc", "ROC curve", height=HEIGHT) as (figure, svg):
        axes = new_axes(figure, "true positive rate", "false positive rate")
        _shares(axes)
        axes.plot(
            found.false_positive_rate,
            found.true_positive_rate,
            color=COLOURS["blue"],
            lw=2,
            label=f"area {found.auc:.4f}",
        )
        legend_above(axes)
    return svg()


def calibration_plot(found: Calibration) -> str:
    """The observed frequency of what is predicted, over its predicted probability, with the samples of each bin."""
    with new_figure("calibration", "Calibration", height=HEIGHT) as (figure, svg):
        axes = new_axes(figure, "observed frequency", "predicted probability")
        _shares(axes)
        total = sum(one.samples for one in found.bins)
        axes.bar(
            [(one.low + one.high) / 2 for one in found.bins],
            [one.samples / total for one in found.bins],
            width=0.094,
            color=COLOURS["grey"],
            alpha=0.3,
            label="share of the samples",
        )
        known = [
            (one.predicted, one.observed)
            for one in found.bins
            if one.predicted is not None and one.observed is not None
        ]
        axes.plot(*zip(*known, strict=True), color=COLOURS["blue"], lw=1.6, marker="o", ms=5, label="observed")
        legend_above(axes)
    return svg()


def _shares(axes: Axes) -> None:
    """Both axes from 0 to 1 in percent, and the diagonal."""
    ticks = [0, 0.25, 0.5, 0.75, 1]
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(ticks, [f"{100 * tick:.0f}\u00a0%" for tick in ticks])
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.plot([0, 1], [0, 1], color=COLOURS["grey"], lw=1, ls=(0, (4, 3)), zorder=1)
