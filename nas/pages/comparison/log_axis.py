"""A logarithmic axis with a place for 0.

Values of 0 are drawn in a marked strip of their own below the axis.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes

from nas.pages.figure import COLOURS
from nas.simulation.results import Floats

ZERO = 1e-9
"""Values up to this one are shown as 0."""


@dataclass(frozen=True)
class LogAxis:
    """The positions of values on a logarithmic axis that ends at `floor`.

    `zero` is the label of the strip below it, `0` or `≤ 0`; empty: there is none.
    """

    floor: float
    top: float
    zero: str

    @classmethod
    def of(cls, centers: Floats, values: Floats) -> "LogAxis":
        """An axis that fits all positive centers; ends of bands below them are drawn at the floor."""
        centers, values = centers[np.isfinite(centers)], values[np.isfinite(values)]
        positive = centers[centers > ZERO]
        top = float(values.max()) if len(values) and values.max() > ZERO else 1.0
        floor = float(positive.min()) if len(positive) else top / 10
        zero = "" if (values > ZERO).all() else "0" if (values >= -ZERO).all() else "≤ 0"
        return cls(floor * 0.85, max(top * 1.15, floor * 2), zero)

    @property
    def gap(self) -> float:
        return 0.12 * (math.log10(self.top) - math.log10(self.floor))

    def place(self, values: Floats) -> Floats:
        logs: Floats = np.log10(np.clip(values, self.floor, None))
        return np.where(values <= ZERO, math.log10(self.floor) - self.gap, logs)

    def mark(self, axes: Axes, which: str) -> None:
        """Sets ticks and limits, and draws the strip for 0."""
        axis = axes.yaxis if which == "y" else axes.xaxis
        low, high = math.log10(self.floor), math.log10(self.top)
        ticks = [value for value in self._ticks() if self.floor <= value <= self.top]
        places, labels = [math.log10(value) for value in ticks], [f"{value:.6g}" for value in ticks]
        if self.zero:
            zero = low - self.gap
            places, labels = [zero, *places], [self.zero, *labels]
            span, line = (axes.axhspan, axes.axhline) if which == "y" else (axes.axvspan, axes.axvline)
            span(zero - 0.5 * self.gap, low - 0.4 * self.gap, color=COLOURS["grid"], alpha=0.55, lw=0, zorder=0)
            line(low - 0.4 * self.gap, color=COLOURS["muted"], lw=0.9, ls=(0, (3, 3)), zorder=1)
            low = zero - 0.5 * self.gap
        axis.set_major_locator(ticker.FixedLocator(places))
        axis.set_major_formatter(ticker.FixedFormatter(labels))
        (axes.set_ylim if which == "y" else axes.set_xlim)(low, high)

    def _ticks(self) -> Sequence[float]:
        powers = range(math.floor(math.log10(self.floor)), math.ceil(math.log10(self.top)) + 1)
        for digits in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
            ticks = [float(f"{digit}e{power}") for power in powers for digit in digits]
            if sum(self.floor <= value <= self.top for value in ticks) >= 4:
                break
        return ticks
