"""The samples of a part of a data set, and the moments of their inputs."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Samples(NamedTuple):
    """The samples of one part of a data set.

    Attributes:
        inputs: `(N, *shape)`, uint8 or float32, channels first.
        targets: class indices, `(N,)` int64, for classification; values, `(N, K)` float32, for regression.
    """

    inputs: NDArray[Any]
    targets: NDArray[Any]

    def __len__(self) -> int:
        return len(self.targets)


def moments(inputs: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean and the standard deviation per channel (per feature, if inputs are flat), `(C, 1, ...)`.

    The standard deviation of constant channels is 1.

    Args:
        inputs: `(N, C, ...)`.
    """
    axes = (0, *range(2, inputs.ndim))
    mean = inputs.mean(axis=axes, dtype=np.float64, keepdims=True)[0]
    std = inputs.std(axis=axes, dtype=np.float64, keepdims=True)[0]
    return mean.astype(np.float32), np.where(std > 0, std, 1).astype(np.float32)
