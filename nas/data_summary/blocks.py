"""Inputs block by block: they may be mapped from a file, or prepared whenever they are read."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.interrupt import stop_if_asked

BLOCK = 2**22
"""Numbers that are in memory at once."""


def spread(count: int, most: int) -> NDArray[np.intp]:
    """The places of at most `most` of `count` samples, evenly spread."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.intp)


def blocks(inputs: Any, rows: NDArray[np.intp]) -> Iterator[NDArray[Any]]:
    """The inputs of samples, some at a time."""
    step = max(1, BLOCK // max(1, math.prod(inputs.shape[1:])))
    for begin in range(0, len(rows), step):
        stop_if_asked()
        yield np.asarray(inputs[rows[begin : begin + step]])
