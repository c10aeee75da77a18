"""The mean and the standard deviation of inputs, in one reading."""

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class Moments:
    """The mean and the standard deviation of each channel (each feature of flat inputs) of inputs that come in blocks.

    The moments of a block, computed in two passes over it, are joined to those of the blocks before it (Chan, Golub and
    LeVeque 1983, Algorithms for Computing the Sample Variance, The American Statistician 37). Equal blocks in equal
    order give equal bits.

    Attributes:
        mean: `(C, 1, ...)` float64; 0 before the first block.
    """

    def __init__(self) -> None:
        self.mean: Any = np.zeros(())
        self._count = 0
        self._squares: Any = np.zeros(())

    @classmethod
    def of(cls, blocks: Iterable[NDArray[Any]]) -> Self:
        """The moments of all blocks."""
        found = cls()
        for block in blocks:
            found.add(block)
        return found

    def add(self, block: NDArray[Any]) -> None:
        """Adds inputs `(N, C, ...)`."""
        axes = (0, *range(2, block.ndim))
        count = block.size // max(block.shape[1], 1)
        if not count:
            return
        mean = block.sum(axis=axes, dtype=np.float64, keepdims=True)[0] / count
        distances = block - mean
        squares = np.square(distances, out=distances).sum(axis=axes, keepdims=True)[0]
        total, step = self._count + count, mean - self.mean
        self._squares = self._squares + squares + np.square(step) * (self._count * (count / total))
        self.mean = self.mean + step * (count / total)
        self._count = total

    @property
    def std(self) -> NDArray[np.float64]:
        """The standard deviation of the population, `(C, 1, ...)`."""
        found: NDArray[np.float64] = np.sqrt(self._squares / max(self._count, 1))
        return found
