"""The decisions of the greedy architecture over a search."""

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from nas.explanation import Decision, Moment
from nas.formatting import show_value
from nas.pages.axes import scale_values
from nas.pages.figure import COLOURS, new_figure
from nas.pages.run.decision_rows import BELOW, axes_below, cell_text, height_of, legend_below, rows_axes, short_name
from nas.pages.run.progress_plot import Dot
from nas.space import Value
from nas.trial import Direction


def history_plot(
    decisions: Sequence[Decision],
    moments: Sequence[Moment],
    *,
    greedy: Sequence[Dot],
    best: Sequence[Dot],
    metric: str,
    direction: Direction,
) -> str:
    """The options of the greedy architecture over the search; below, its metric.

    Args:
        decisions: the decisions, one per row.
        moments: the greedy architecture at moments of the search.
        greedy: its metric at moments at which it is known, by the number of trials told.
        best: the best trial so far, by the number of trials told.
        metric: the name of the metric.
        direction: its direction.
    """
    with new_figure("history", "Greedy decisions over the search", height=height_of(decisions)) as (figure, svg):
        axes = rows_axes(figure, [decision.name for decision in decisions])
        end = moments[-1].told
        for row, decision in enumerate(decisions):
            last = decision.options[decision.taken]
            for begin, until, value in _runs(moments, decision.name):
                same = value == last and type(value) is type(last)
                colour = COLOURS["blue" if same else "orange"]
                axes.add_patch(
                    Rectangle(
                        (begin / end, row - 0.44),
                        (until - begin) / end,
                        0.88,
                        fc=colour,
                        ec=COLOURS["surface"],
                        lw=1.2,
                        alpha=0.9 if same else 0.55,
                    )
                )
                cell_text(
                    axes,
                    row,
                    begin / end,
                    (until - begin) / end,
                    show_value(value),
                    "#ffffff" if same else COLOURS["ink"],
                )
        below = axes_below(figure, axes, 0.72, BELOW - 0.82)
        _draw_scores(below, greedy, best, metric, direction)
        below.set_xlim(0, end)
        handles: list[Artist] = [
            Patch(fc=COLOURS["blue"], alpha=0.9, label="same as at the end"),
            Patch(fc=COLOURS["orange"], alpha=0.55, label="another option"),
        ]
        legend_below(figure, [*handles, *below.get_legend_handles_labels()[0]])
    return svg()


def _draw_scores(axes: Axes, greedy: Sequence[Dot], best: Sequence[Dot], metric: str, direction: Direction) -> None:
    axes.set_ylabel(short_name(metric, 14), fontsize=9)
    axes.set_xlabel("trials told", fontsize=9, labelpad=1)
    axes.tick_params(labelsize=9)
    scale_values(axes, [dot.value for dot in (*best[-1:], *greedy)], metric, direction)
    axes.locator_params(axis="y", nbins=3)
    for dots, line, colour, label in (
        (best, "-", "vermilion", "best trial so far"),
        (greedy, "o", "blue", "greedy, where evaluated"),
    ):
        if dots:
            numbers, values = [dot.number for dot in dots], [dot.value for dot in dots]
            axes.plot(numbers, values, line, ms=4.5, lw=1.5, drawstyle="steps-post", color=COLOURS[colour], label=label)


def _runs(moments: Sequence[Moment], name: str) -> Sequence[tuple[int, int, Value]]:
    """The intervals of the search, in trials told, in which a decision had the same option, with that option."""
    found: list[tuple[int, int, Value]] = []
    begin = 0
    for moment in moments:
        decided = dict(moment.architecture.choices)
        if name in decided:
            value = decided[name]
            before = found[-1] if found else None
            if before and before[1] == begin and before[2] == value and type(before[2]) is type(value):
                found[-1] = (before[0], moment.told, value)
            else:
                found.append((begin, moment.told, value))
        begin = moment.told
    return found
