"""Images as small pictures."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.shown.overlays import overlay
from nas.data.shown.png import encoded
from nas.data.shown.records import Picture

LARGEST = 96
"""The largest number of pixels of a side; larger images are averaged."""


def picture(image: NDArray[Any], *, low: float, high: float, side: int = LARGEST) -> Picture:
    """A picture of an image.

    Args:
        image: `(C, H, W)`. Three channels are red, green and blue; of any other number, the mean is shown.
        low, high: the values that are shown as black and as white.
        side: the largest number of pixels of a side.
    """
    values = image.astype(np.float64)
    if len(values) != 3:
        values = values.mean(axis=0, keepdims=True)
    return encoded(np.moveaxis(_grey(shrunk(values, side), low, high), 0, -1))


def picture_overlay(image: NDArray[Any], contributions: NDArray[Any], *, low: float, high: float) -> Picture:
    """The picture of the mean channel of an image, with what its pixels contribute to an answer in colour (`overlay`).

    Args:
        image: `(C, H, W)`.
        contributions: of each of its values, `(C, H, W)`.
        low, high: as for `picture`.
    """
    grey = shrunk(image.astype(np.float64).mean(axis=0, keepdims=True), LARGEST)
    return overlay(
        _grey(grey, low, high)[0], shrunk(contributions.astype(np.float64).sum(0, keepdims=True), LARGEST)[0]
    )


def _grey(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    return np.clip((values - low) / ((high - low) or 1.0), 0, 1)


def shrunk(image: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """An image `(C, H, W)` whose sides are at most `side` pixels: means of squares of its pixels.

    What does not fill a square at the right and the lower edge is left out.
    """
    _, height, width = image.shape
    factor = math.ceil(max(height, width) / side)
    if factor == 1:
        return image
    rows, columns = max(1, height // factor), max(1, width // factor)
    tall, wide = min(factor, height), min(factor, width)
    cut = image[:, : rows * tall, : columns * wide]
    blocks = cut.reshape(len(image), rows, tall, columns, wide)
    return np.asarray(blocks.mean(axis=(2, 4)))
