"""What the inputs of a data set are: all that a space, a network or an augmentation has to know of them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.moments import Moments
from nas.modality import Modality, modalities_of
from nas.ops import Shape

PADDING, UNKNOWN = 0, 1
"""The numbers of the tokens of every vocabulary that stand for padding, and for what is not in it."""


@dataclass(frozen=True)
class InputSpec:
    """What the inputs of a data set are.

    Attributes:
        modality: the kind of inputs.
        shape: the shape of one sample, channels first.
        tokens: of text, the size of the vocabulary: inputs are integers in [0, tokens), of which 0 is `PADDING` and
            1 is `UNKNOWN`.
        categories: of a table, the number of codes of each categorical column. The codes are the last entries of a
            sample, after the numbers; 0 stands for a value that the training samples do not have, or that is missing.
        rate: of sound, samples a second.
    """

    modality: Modality
    shape: Shape
    tokens: int | None = None
    categories: tuple[int, ...] = ()
    rate: int | None = None

    @property
    def numbers(self) -> int:
        """The number of entries of a table's sample that are numbers, not codes."""
        return self.shape[0] - len(self.categories)

    def moments(self, inputs: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The mean and the standard deviation of inputs `(N, C, ...)` by which networks normalise them, `(C, 1, ...)`.

        They are those of each channel (of each feature, if inputs are flat). The standard deviation of constant
        channels is 1. Token numbers and codes of categories are not normalised: their mean is 0 and their standard
        deviation 1.
        """
        step = block_of(self.shape)
        starts = range(0, len(inputs) if self.tokens is None else 0, step)
        return self.normalised(Moments.of(inputs[start : start + step] for start in starts))

    def normalised(self, moments: Moments) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """`moments`, given those of the inputs in blocks of `block_of` samples; they are not read of token numbers."""
        if self.tokens is not None:
            return np.zeros(self.shape, np.float32), np.ones(self.shape, np.float32)
        mean, std = moments.mean.copy(), moments.std
        if self.categories:
            mean[self.numbers :], std[self.numbers :] = 0, 1
        return mean.astype(np.float32), np.where(std > 0, std, 1).astype(np.float32)


BLOCK = 2**22
"""Numbers of inputs that are read at once; for moments, NumPy copies them as float64."""


def block_of(shape: Shape) -> int:
    """How many samples of a shape are read at once."""
    return max(1, BLOCK // max(math.prod(shape), 1))


def spec_of_arrays(shape: Shape) -> InputSpec:
    """What arrays of samples of a shape are taken for: rows of a table, series or images."""
    return InputSpec(modalities_of(shape)[0], shape)
