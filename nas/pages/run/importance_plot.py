"""The importance of decisions as bars."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from nas.explanation import Importance
from nas.pages.figure import COLOURS, WIDTH, new_figure
from nas.pages.run.decision_rows import ROW, SMALL, TOP, legend_below, name_room, name_rows


def importance_plot(found: Sequence[Importance]) -> str:
    """Bars of the share that each decision explains, with the level of chance."""
    height = TOP + ROW * len(found) + 0.95
    with new_figure("importance", "Importance of decisions", height=height) as (figure, svg):
        names = [one.name for one in found]
        left = name_room(names)
        axes = figure.add_axes((left / WIDTH, 0.87 / height, 1 - (left + 0.45) / WIDTH, ROW * len(found) / height))
        name_rows(axes, names)
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
        legend_below(figure, axes.get_legend_handles_labels()[0])
    return svg()


def value_ticks_across(axes: Axes) -> None:
    """Percentages on the horizontal axis."""
    axes.grid(axis="x")
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.6g}\u00a0%")
