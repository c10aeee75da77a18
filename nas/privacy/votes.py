"""Noisy votes of teachers, and what they cost: PATE with Gaussian noise (GNMax).

Papernot et al., "Semi-supervised knowledge transfer for deep learning from private training data" (ICLR 2017) and
"Scalable private learning with PATE" (ICLR 2018). The bound (`nas.accounting`) does not depend on the data, so that it
can be told.
"""

import math

import numpy as np
from numpy.typing import NDArray

SENSITIVITY = math.sqrt(2)
"""The Euclidean norm by which one sample changes the votes for a query: its teacher votes for another class."""


def error_of_unanimity(noise: float, teachers: int, classes: int) -> float:
    """A bound of the probability that noise outvotes teachers who all agree (Papernot et al. 2018, proposition 7)."""
    return min(1.0, (classes - 1) * math.erfc(teachers / (2 * noise)) / 2)


def noisy_labels(votes: NDArray[np.intp], classes: int, noise: float, rng: np.random.Generator) -> NDArray[np.intp]:
    """The class with the most votes after noise was added, for each query `(queries,)`.

    Args:
        votes: the class that each teacher votes for, `(teachers, queries)`.
        classes: how many there are.
        noise: the standard deviation of the noise of each count.
        rng: draws the noise.
    """
    counts = (votes[:, :, None] == np.arange(classes)).sum(axis=0)
    found: NDArray[np.intp] = np.argmax(counts + rng.normal(0, noise, counts.shape), axis=1)
    return found
