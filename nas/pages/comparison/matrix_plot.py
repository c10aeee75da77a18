"""The matrix of pairs: the probability that one controller ends better than another."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from nas.pages.comparison.plot import Plot, plotted
from nas.pages.comparison.who import Who
from nas.pages.figure import COLOURS, WIDTH
from nas.simulation.results import Floats


def matrix_plot(name: str, title: str, who: Sequence[Who], chances: Floats, shown: NDArray[np.bool_]) -> Plot:
    """The probability that a row is better than a column, `(controllers, controllers)`; `shown`: by a verdict."""
    count = len(who)
    side = 0.45 + 0.085 * max(len(each.label) for each in who)
    cell = min(0.62, (WIDTH - side - 0.5) / count)
    height = side * 0.78 + cell * count + 0.3

    def paint(figure: Figure) -> None:
        axes = figure.add_axes((side / WIDTH, 0.2 / height, cell * count / WIDTH, cell * count / height))
        axes.set_xlim(0, count)
        axes.set_ylim(count, 0)
        axes.grid(visible=False)
        for edge in axes.spines.values():
            edge.set_visible(False)
        for i in range(count):
            for j in range(count):
                chance = float(chances[i, j])
                if i == j:
                    axes.text(j + 0.5, i + 0.5, "–", ha="center", va="center", color=COLOURS["muted"])
                    continue
                box = Rectangle((j + 0.03, i + 0.03), 0.94, 0.94, linewidth=0)
                box.set(facecolor=COLOURS["blue" if chance >= 0.5 else "vermilion"], alpha=1.5 * abs(chance - 0.5))
                axes.add_patch(box)
                if shown[i, j]:
                    frame = Rectangle((j + 0.05, i + 0.05), 0.9, 0.9, facecolor="none")
                    frame.set(edgecolor=COLOURS["ink"], linewidth=1.3)
                    axes.add_patch(frame)
                axes.text(
                    j + 0.5,
                    i + 0.5,
                    _chance(chance),
                    ha="center",
                    va="center",
                    color=COLOURS["ink"],
                    fontweight="bold" if shown[i, j] else "normal",
                    fontsize=min(10.5, 17 * cell),
                )
        axes.set_yticks(np.arange(count) + 0.5, [each.label for each in who])
        axes.set_xticks(np.arange(count) + 0.5, ["" for _ in who])
        axes.tick_params(length=0, labelcolor=COLOURS["ink"])
        for j, each in enumerate(who):
            axes.text(j + 0.4, -0.12, each.label, rotation=40, ha="left", va="bottom", rotation_mode="anchor")

    return plotted(name, title, height, paint)


def _chance(chance: float) -> str:
    """Two decimals, never rounded to 0 or 1."""
    if 0 < chance < 0.005:
        return "<.01"
    if 0.995 <= chance < 1:
        return ">.99"
    return f"{chance:.2f}"
