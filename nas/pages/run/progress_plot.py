"""The plot of the trials of a search in their order."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from nas.pages.axes import legend_above, mark_clipped, new_axes, scale_values, whole_numbers
from nas.pages.figure import COLOURS, new_figure
from nas.trial import Direction


@dataclass(frozen=True)
class Dot:
    """A trial with a score: its number, and the value of the metric.

    Only values with the same `fidelity`, the epochs of the training (infinity: all), are comparable.
    """

    number: int
    value: float
    fidelity: float = math.inf


def progress_plot(dots: Sequence[Dot], failed: Sequence[int], *, metric: str, direction: Direction) -> str:
    """The metric of each trial over its number, the best so far, and the failed trials on the axis.

    The best so far is that of the trials with the most epochs so far. Trials with fewer epochs are grey.
    """
    with new_figure("progress", f"{metric} of each trial in the order of the search", height=3.3) as (figure, svg):
        axes = new_axes(figure, metric, "trial")
        shown = scale_values(axes, [dot.value for dot in dots], metric, direction)
        numbers = [dot.number for dot in dots]
        furthest = max((dot.fidelity for dot in dots), default=math.inf)
        same = all(dot.fidelity == furthest for dot in dots)
        for label, colour, full in (
            ("fewer epochs", "grey", False),
            ("trial" if same else "most epochs", "blue", True),
        ):
            places = [place for place, dot in enumerate(dots) if (dot.fidelity == furthest) == full]
            if places or full:
                across, up = [numbers[place] for place in places], [shown[place] for place in places]
                axes.scatter(across, up, s=20, color=COLOURS[colour], alpha=0.7, linewidths=0, label=label)
        if dots:
            sign = 1 if direction == "maximize" else -1
            leaders = accumulate(dots, lambda *two: max(two, key=lambda dot: (dot.fidelity, sign * dot.value)))
            best = [dot.value for dot in leaders]
            end = max([*numbers, *failed])
            axes.step(
                [*numbers, end],
                [*best, best[-1]],
                where="post",
                color=COLOURS["vermilion"],
                lw=1.8,
                label="best so far",
            )
        mark_clipped(axes, numbers, [dot.value for dot in dots])
        if failed:
            floor = axes.get_xaxis_transform()
            axes.plot(
                failed,
                [0] * len(failed),
                "x",
                transform=floor,
                clip_on=False,
                color=COLOURS["ink"],
                ms=5.5,
                mew=1.5,
                label="failed",
            )
        whole_numbers(axes, [*numbers, *failed])
        legend_above(axes)
    return svg()
