"""The probability of each of several networks of being the best, by the bootstrap over seeds.

The seeds of each network are resampled on their own (B. Efron, "Bootstrap methods: another look at the jackknife", The
Annals of Statistics 7(1), 1979), and the probability is the share of resamples in which its mean is the best.

Deviation: the distance of a resampled mean from the mean is multiplied by `sqrt(n / (n - 1))`. The variance of n values
about their mean is too small by this factor squared, so that few seeds would make a choice look surer than it is
(Hesterberg 2015, see `nas.statistics.estimate`). With widely differing networks and 5 seeds, the best of three is named
as often as its probability says (`tests/statistics/test_best.py`).
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.statistics.check import finite, settled
from nas.statistics.estimate import RESAMPLES, resampled_seeds, times_drawn


def probability_of_best(
    values: ArrayLike, *, rng: np.random.Generator, resamples: int = RESAMPLES
) -> NDArray[np.float64]:
    """The probability of each network of having the lowest mean over trainings from other seeds.

    Args:
        values: shape `(networks, criteria, seeds)`, lower is better. Ties in the mean of a criterion are broken by the
            next one; networks that tie in all of them share the probability.
        rng: draws the resamples.
        resamples: the number of bootstrap resamples.

    Returns:
        Shape `(networks,)`, which sums to 1.

    Raises:
        UsageError: fewer than two seeds, not three dimensions, or a value that is not finite.
    """
    array = finite(values, "values", 3)
    networks, criteria, seeds = array.shape
    widened = math.sqrt(seeds / (seeds - 1)) if seeds > 1 else 1.0
    means = np.empty((networks, criteria, resamples))
    for place, network in enumerate(array):
        shares = times_drawn(resampled_seeds(seeds, resamples, rng)) / seeds
        centre = network.mean(axis=1, keepdims=True)
        means[place] = centre + widened * ((network - centre) @ shares.T)
    best = np.ones((networks, resamples), dtype=bool)
    for place in range(criteria):
        found = settled(means[:, place], float(np.abs(array[:, place]).max()))
        best &= found == np.where(best, found, np.inf).min(axis=0)
    shared: NDArray[np.float64] = (best / best.sum(axis=0)).mean(axis=1)
    return shared
