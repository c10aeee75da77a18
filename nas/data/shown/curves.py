"""Series of numbers as curves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.shown.records import Curves

POINTS = 120
CHANNELS = 6


def curves(series: NDArray[Any], points: int = POINTS) -> Curves:
    """The curves of a series `(C, L)`: of the first channels, at points spread evenly over its length."""
    places = np.linspace(0, series.shape[1] - 1, min(points, series.shape[1])).round().astype(np.intp)
    channels = series[:CHANNELS, places].astype(np.float64)
    return Curves(
        tuple(tuple(float(f"{value:.5g}") for value in channel) for channel in channels.tolist()),
        max(0, len(series) - CHANNELS),
    )
