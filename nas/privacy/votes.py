"""Noisy votes of teachers, and what they cost: PATE with Gaussian noise (GNMax).

Papernot et al., "Semi-supervised knowledge transfer for deep learning from private training data" (ICLR 2017) and
"Scalable private learning with PATE" (ICLR 2018). The accountant is that of Opacus, which takes the extra `private`.
The bound does not depend on the data, so that it can be told.
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError

ORDERS = [1 + place / 10 for place in range(1, 100)] + [float(2**place) for place in range(4, 15)]
"""Orders of the Rényi divergence, of which the accountant takes the best one."""

SENSITIVITY = math.sqrt(2)
"""The Euclidean norm by which one sample changes the votes for a query: its teacher votes for another class."""


def noise_for(epsilon: float, delta: float, queries: int) -> float:
    """The standard deviation of the noise of each count of votes, with which queries are (ε, δ)-private.

    Raises:
        UsageError: no noise suffices, or Opacus is not installed.
    """
    try:
        from opacus.accountants.utils import get_noise_multiplier
    except ImportError:
        raise UsageError("private votes need opacus: pip install 'archwright[private]'") from None
    try:
        with _any_order():
            multiplier = get_noise_multiplier(
                target_epsilon=epsilon,
                target_delta=delta,
                sample_rate=1.0,
                steps=queries,
                epsilon_tolerance=epsilon / 100,
                alphas=ORDERS,
            )
    except ValueError as error:
        message = f"epsilon: {epsilon} with delta {delta} cannot be met by {queries:,} queries: {error}"
        raise UsageError(message) from None
    return SENSITIVITY * float(multiplier)


def spent(noise: float, delta: float, queries: int) -> float:
    """The ε that queries have with noise of some standard deviation."""
    from opacus.accountants import RDPAccountant

    accountant = RDPAccountant()
    accountant.history = [(noise / SENSITIVITY, 1.0, queries)]
    with _any_order():
        return float(accountant.get_epsilon(delta, alphas=ORDERS))


@contextmanager
def _any_order() -> Iterator[None]:
    """Without the warning that the best order is the first or the last one: the bound holds all the same."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Optimal order is the", UserWarning)
        yield


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
