"""Pictures with what their pixels contribute to an answer in colour."""

import numpy as np
from numpy.typing import NDArray

from nas.data.shown.png import encoded
from nas.data.shown.records import Picture

FOR, AGAINST = (0.20, 0.55, 1.00), (1.00, 0.45, 0.05)
"""The colours of pixels that raise the answer, and that lower it: blue and orange, as those of words."""
DIM = 0.55
"""The brightness of white where there is no colour."""
STRONGEST = 0.99
"""The share of the pixels that are less than fully coloured."""


def overlay(brightness: NDArray[np.float64], weights: NDArray[np.float64]) -> Picture:
    """A dim picture under colours, which are the stronger the more a pixel contributes.

    Args:
        brightness: of the picture, in [0, 1], `(H, W)`.
        weights: contributions, `(H, W)`; what is not finite counts as 0.
    """
    finite = np.nan_to_num(weights, posinf=0.0, neginf=0.0)
    strength = np.abs(finite)
    strongest = float(np.quantile(strength, STRONGEST, method="higher")) or 1.0
    opacity = np.minimum(strength / strongest, 1)[:, :, None]
    colours = np.where(finite[:, :, None] > 0, np.array(FOR), np.array(AGAINST))
    return encoded((1 - opacity) * DIM * brightness[:, :, None] + opacity * colours)
