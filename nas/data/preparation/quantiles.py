"""Numbers as normally distributed ones, by their ranks among training samples.

As `QuantileTransformer(output_distribution="normal", subsample=None)` of scikit-learn, with the number of quantiles of
Gorishniy et al. 2021 (Revisiting Deep Learning Models for Tabular Data, NeurIPS): one for 30 samples, 10 to 1000.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_NEAR = 1e-7
"""Values that are so close to the lowest or the highest quantile have its probability, 0 or 1."""

_OUTERMOST = _NEAR - np.spacing(1)
"""The smallest probability: results are within 5.2 standard deviations."""


def fit_quantiles(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Values at equal distances in probability, from the lowest to the highest; one zero of no values."""
    if not len(values):
        return (0.0,)
    count = min(max(len(values) // 30, 10), 1000, len(values))
    # They are monotone but for rounding (https://github.com/numpy/numpy/issues/14685).
    found = np.maximum.accumulate(np.quantile(values, np.linspace(0, 1, count)))
    return tuple(found.tolist())


def to_normal(values: NDArray[np.float64], quantiles: Sequence[float]) -> NDArray[np.float64]:
    """Values by the distribution of which these are the quantiles, as values of the standard normal distribution.

    The probability of a value that several quantiles have is in the middle of theirs; that of the lowest one is 0.
    """
    from scipy.special import ndtri

    known = np.asarray(quantiles)
    levels = np.linspace(0, 1, len(known))
    probabilities = (np.interp(values, known, levels) - np.interp(-values, -known[::-1], -levels[::-1])) / 2
    probabilities[values + _NEAR > known[-1]] = 1
    probabilities[values - _NEAR < known[0]] = 0
    normal: NDArray[np.float64] = ndtri(np.clip(probabilities, _OUTERMOST, 1 - _OUTERMOST))
    return normal


def from_normal(value: float, quantiles: Sequence[float]) -> float:
    """The value for which `to_normal` gives `value`, or the nearest quantile beyond the lowest and the highest."""
    probability = 0.5 * (1 + math.erf(value / math.sqrt(2)))
    return float(np.interp(probability, np.linspace(0, 1, len(quantiles)), np.asarray(quantiles)))
