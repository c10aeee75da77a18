"""Images as small pictures."""

import base64
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.shown.png import png
from nas.data.shown.records import Picture

LARGEST = 96
"""The largest number of pixels of a side; larger images are averaged."""


def picture(image: NDArray[Any], *, low: float, high: float) -> Picture:
    """A picture of an image.

    Args:
        image: `(C, H, W)`. Three channels are red, green and blue; of any other number, the mean is shown.
        low, high: the values that are shown as black and as white.
    """
    values = image.astype(np.float64)
    if len(values) != 3:
        values = values.mean(axis=0, keepdims=True)
    values = shrunk(values, LARGEST)
    grey = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    return encoded(np.moveaxis(grey, 0, -1))


def encoded(brightness: NDArray[np.float64]) -> Picture:
    """The picture of brightnesses in [0, 1], `(H, W, 1)`, or `(H, W, 3)` for colours."""
    pixels = np.round(255 * brightness).astype(np.uint8)
    height, width, _ = pixels.shape
    return Picture(base64.b64encode(png(pixels)).decode("ascii"), width, height)


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
