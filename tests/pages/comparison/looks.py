"""Controllers and curves to be drawn."""

from collections.abc import Sequence

import numpy as np

from nas.pages.comparison.curves_plot import Line
from nas.pages.comparison.who import Who

NAMES = [f"controller {place}" for place in range(8)] + ["a & b <script>", "one with a name that is far too long $x$"]
WHO = [Who(name, place) for place, name in enumerate(NAMES)]


def lines(who: Sequence[Who], low: float = 0.01) -> list[Line]:
    across = np.arange(1.0, 51)
    curves = [(3 + each.place) * np.exp(-across / 15) + low for each in who]
    return [
        Line(each, across, curve, np.maximum(curve - 0.1, 0), curve + 0.1)
        for each, curve in zip(who, curves, strict=True)
    ]
