"""Histograms of oriented gradients of images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

CELL = 4
"""The side of a cell in pixels."""

ORIENTATIONS = 9
"""Of gradients without their signs."""

AT_ONCE = 1000
"""Images that are in memory as floats at once."""


class GradientHistograms:
    """Histograms of oriented gradients (HOG, Dalal & Triggs 2005), in cells of 4 × 4 pixels for small images.

    The gradient of a pixel is that of the channel where it is longest. Its length is shared by the two nearest of the
    orientations. Each block of 2 × 2 cells is divided by its norm, cut at 0.2 and divided again; blocks overlap. Pixels
    are not shared by neighbouring cells, as they are in the paper.
    """

    def fit(self, inputs: Any, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """The features of some images `(N, C, H, W)`, of at least 8 × 8 pixels: `(len(rows), size)`."""
        return np.concatenate(
            [_histograms(np.asarray(inputs[rows[at : at + AT_ONCE]])) for at in range(0, len(rows), AT_ONCE)]
        )

    def __call__(self, inputs: Any) -> NDArray[np.float32]:
        return self.fit(inputs, np.arange(len(inputs)))


def _histograms(images: NDArray[Any]) -> NDArray[np.float32]:
    """`(N, C, H, W)` to `(N, size)`."""
    count, _, height, width = images.shape
    padded = np.pad(images.astype(np.float32), ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    across = padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]
    down = padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]
    longest = np.hypot(across, down).argmax(axis=1)[:, None]
    across, down = (np.take_along_axis(one, longest, axis=1)[:, 0] for one in (across, down))
    lengths, angles = np.hypot(across, down), np.arctan2(down, across) % np.pi * (ORIENTATIONS / np.pi)
    lower = np.floor(angles)
    upper_share = angles - lower
    rows, columns = height // CELL, width // CELL
    cells = np.zeros((count, rows, columns, ORIENTATIONS), dtype=np.float32)
    for orientation in range(ORIENTATIONS):
        shares = np.where(lower % ORIENTATIONS == orientation, 1 - upper_share, 0)
        shares += np.where((lower + 1) % ORIENTATIONS == orientation, upper_share, 0)
        cut = (shares * lengths)[:, : rows * CELL, : columns * CELL]
        cells[..., orientation] = cut.reshape(count, rows, CELL, columns, CELL).sum(axis=(2, 4))
    corners = [cells[:, y : rows - 1 + y, x : columns - 1 + x] for y in (0, 1) for x in (0, 1)]
    blocks = _normed(np.minimum(_normed(np.concatenate(corners, axis=3)), 0.2))
    return blocks.reshape(count, -1)


def _normed(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each block divided by its Euclidean norm."""
    return np.asarray(blocks / np.sqrt(np.square(blocks).sum(axis=-1, keepdims=True) + 1e-4))
