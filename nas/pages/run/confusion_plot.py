"""The confusion matrix as a map: a row for each true class, a column for each predicted one."""

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle

from nas.pages.figure import COLOURS, WIDTH, new_figure
from nas.pages.run.decision_rows import short_name

CELL, SIDE = 1.0, 4.2
"""The largest sides of a cell and of the matrix, in inches."""
NAME = 14
"""The largest number of characters of a class name."""


def confusion_plot(names: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """The number of samples of each class (rows) by predicted class (columns).

    A cell is the darker, the larger its share of the row: blue on the diagonal, where predictions are right, and red
    elsewhere.
    """
    shown = [short_name(name, NAME) for name in names]
    count = len(names)
    side = 0.45 + 0.085 * max(map(len, shown))
    cell = min(CELL, SIDE / count, (WIDTH - side - 0.25) / count)
    upright = 0.085 * max(map(len, shown)) < cell
    above = 0.42 if upright else 0.3 + 0.06 * max(map(len, shown))
    height = above + cell * count + 0.3
    with new_figure("confusion", "Confusion matrix", height=height) as (figure, svg):
        axes = figure.add_axes((side / WIDTH, 0.25 / height, cell * count / WIDTH, cell * count / height))
        axes.set_xlim(0, count)
        axes.set_ylim(count, 0)
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        for row, having in enumerate(counts):
            total = max(1, sum(having))
            for column, samples in enumerate(having):
                if not samples:
                    continue
                box = Rectangle((column + 0.04, row + 0.04), 0.92, 0.92, linewidth=0)
                right = row == column
                alpha = 0.55 * samples / total if right else 0.15 + 0.75 * min(1.0, 2 * samples / total)
                box.set(facecolor=COLOURS["blue" if right else "vermilion"], alpha=round(alpha, 3))
                axes.add_patch(box)
                axes.text(
                    column + 0.5,
                    row + 0.52,
                    str(samples),
                    ha="center",
                    va="center",
                    color=COLOURS["ink"],
                    fontsize=min(10.0, 72 * cell / (0.62 * max(3, len(str(samples)))) * 0.9),
                )
        size = min(9.5, 60 * cell)
        axes.set_yticks(np.arange(count) + 0.5, shown, fontsize=size)
        axes.set_xticks(np.arange(count) + 0.5, shown if upright else ["" for _ in shown], fontsize=size)
        axes.tick_params(length=0, labelcolor=COLOURS["ink"], labeltop=True, labelbottom=False)
        if not upright:
            for column, name in enumerate(shown):
                axes.text(
                    column + 0.4,
                    -0.12,
                    name,
                    rotation=45,
                    ha="left",
                    va="bottom",
                    rotation_mode="anchor",
                    color=COLOURS["ink"],
                    fontsize=size,
                )
        figure.text(
            0.004, 0.06 / height, "rows: true class, columns: predicted class", color=COLOURS["muted"], fontsize=9
        )
    return svg()
