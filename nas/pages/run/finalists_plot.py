"""The plot of the finalists: what each reached in the search, in each of its trainings, and in their mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.pages.axes import legend_above, new_axes, value_ticks
from nas.pages.figure import COLOURS, new_figure


@dataclass(frozen=True)
class Strip:
    """A finalist as a row of the plot.

    Attributes:
        label: its name.
        searched: the value in the search; None: there is none.
        trainings: the values after each full training.
        mean: their mean.
        interval: the 95 % interval of the mean; None: it is not known.
        chosen: whether it was selected.
    """

    label: str
    searched: float | None
    trainings: Sequence[float]
    mean: float
    interval: tuple[float, float] | None
    chosen: bool


def finalists_plot(strips: Sequence[Strip], *, metric: str) -> str:
    """A row for each finalist, the first at the top."""
    height = 1.2 + 0.34 * len(strips)
    with new_figure("finalists", f"{metric} of the finalists", height=height) as (figure, svg):
        axes = new_axes(figure, metric, "")
        axes.grid(visible=True, axis="x")
        axes.grid(visible=False, axis="y")
        value_ticks(axes.xaxis, metric)
        rows = list(range(len(strips), 0, -1))
        axes.set_yticks(rows, [strip.label for strip in strips])
        axes.set_ylim(0.4, len(strips) + 0.6)
        for label, weight in zip(axes.get_yticklabels(), strips, strict=True):
            label.set_fontweight("bold" if weight.chosen else "normal")
        known = [(row, strip.interval) for row, strip in zip(rows, strips, strict=True) if strip.interval]
        if known:
            places, ends = zip(*known, strict=True)
            low, high = zip(*ends, strict=True)
            axes.hlines(places, low, high, color=COLOURS["ink"], lw=1.5, label="95 %")
        each = [(row, value) for row, strip in zip(rows, strips, strict=True) for value in strip.trainings]
        several = any(len(strip.trainings) > 1 for strip in strips)
        if several:
            axes.scatter(
                [value for _, value in each],
                [row for row, _ in each],
                s=16,
                color=COLOURS["blue"],
                alpha=0.6,
                linewidths=0,
                label="training",
            )
        axes.scatter(
            [strip.mean for strip in strips],
            rows,
            s=60,
            marker="|",
            linewidths=2.2,
            color=COLOURS["vermilion"],
            label="mean" if several else "full training",
        )
        before = [(row, strip.searched) for row, strip in zip(rows, strips, strict=True) if strip.searched is not None]
        if before:
            axes.scatter(
                [value for _, value in before],
                [row for row, _ in before],
                s=22,
                facecolors="none",
                edgecolors=COLOURS["grey"],
                label="search",
            )
        legend_above(axes)
    return svg()
