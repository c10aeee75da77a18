"""The critical-difference diagram of mean ranks."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from nas.pages.comparison.plot import Plot, plotted
from nas.pages.comparison.who import Who
from nas.pages.figure import COLOURS, WIDTH


def ranks_plot(
    name: str,
    title: str,
    ranks: Sequence[tuple[Who, float]],
    *,
    difference: float,
    groups: Sequence[Sequence[int]],
) -> Plot:
    """A critical-difference diagram (Demšar 2006): mean ranks, the best on the left.

    Bars join groups without a significant difference, `groups` of indices into `ranks`.
    """
    count = len(ranks)
    order = sorted(range(count), key=lambda index: ranks[index][1])
    left, right = order[: (count + 1) // 2], order[(count + 1) // 2 :]
    first, bar, row = 0.42, 0.13, 0.3
    depth = first + bar * len(groups)
    height = 0.95 + depth + row * len(left)

    def paint(figure: Figure) -> None:
        sides = [0.55 + 0.082 * max(len(ranks[index][0].label) for index in members) for members in (left, right)]
        between = WIDTH - sum(sides)
        axes = figure.add_axes((sides[0] / WIDTH, 0, between / WIDTH, 1))
        axes.set_axis_off()
        top = height - 0.72
        axes.set_ylim(0, height)
        axes.set_xlim(1, count)
        ink, muted = COLOURS["ink"], COLOURS["muted"]
        axes.plot([1, count], [top, top], color=ink, lw=1.1, clip_on=False)
        for tick in range(1, count + 1):
            axes.plot([tick, tick], [top, top + 0.07], color=ink, lw=1.1, clip_on=False)
            axes.text(tick, top + 0.12, str(tick), ha="center", va="bottom", color=muted, fontsize=10)
        ruler = top + 0.42
        shown = min(difference, count - 1.0)
        axes.plot([1, 1 + shown], [ruler, ruler], color=ink, lw=1.6, clip_on=False, solid_capstyle="butt")
        for mark in (1.0, 1.0 + shown):
            axes.plot([mark, mark], [ruler - 0.05, ruler + 0.05], color=ink, lw=1.2, clip_on=False)
        text = f"critical difference {difference:.2f}" + (" (more than the axis)" if shown < difference else "")
        axes.text(1, ruler + 0.07, text, ha="left", va="bottom", color=ink, fontsize=9.5)
        for members, edge, gap, align in ((left, 1, -0.06, "right"), (right[::-1], count, 0.06, "left")):
            for line, index in enumerate(members):
                who, rank = ranks[index]
                y = top - depth - row * line
                axes.plot([rank, rank, edge], [top, y, y], color=who.colour, lw=1.3, clip_on=False)
                axes.plot([rank], [top], who.marker, color=who.colour, ms=6, clip_on=False, zorder=4)
                axes.text(
                    edge + gap * (count - 1) / between,
                    y,
                    f"{who.label}  {rank:.2f}" if align == "right" else f"{rank:.2f}  {who.label}",
                    ha=align,
                    va="center",
                    color=ink,
                    fontsize=10,
                )
        for level, group in enumerate(groups):
            y = top - 0.2 - bar * level
            ends = [ranks[index][1] for index in group]
            axes.plot(
                [min(ends) - 0.03, max(ends) + 0.03],
                [y, y],
                color=ink,
                lw=4,
                clip_on=False,
                solid_capstyle="butt",
                zorder=3,
            )

    return plotted(name, title, height, paint)
