"""A posterior over the end of a learning curve, given its beginning and the other curves of a search.

The scores of a network after e_1 < ... < e_L epochs, where e_L is the full training, are a draw from a multivariate
normal distribution that is the same for all networks. Mean and covariance are unknown and have a conjugate prior: a
normal inverse-Wishart distribution in the parameters of Dawid (Biometrika 68, 1981), in which the marginal prior of
some levels does not depend on the others. This is the Student-t process of Shah, Wilson & Ghahramani (AISTATS 2014,
arXiv:1402.4306), and its prior covariance is that of freeze-thaw (Swersky, Snoek & Adams, arXiv:1406.3896, equation 6):

    k(e, e') = level² (1 + decay² k_exp(e, e') / k_exp(e_1, e_1) + noise² [e = e']),    k_exp(e, e') = β / (e + e' + β)

a constant (where the curve ends), curves that decay exponentially with all rates, and noise. The prior is one for all
of `LEVELS`, `DECAYS` and `NOISES`; they are weighted by their marginal likelihoods. With few curves, the prior says
what curves look like; with many, the curves do, including what a schedule of learning rates does to them.

Most curves are stopped early, and the bad ones first. A model of the finished curves alone would therefore be one of
the good networks only. What is missing depends on what was seen alone, and a curve that lacks a level lacks all later
ones. So the likelihood is that of one regression of each level on those before it, on all curves that reached it, and
each has its own conjugate posterior (Liu, Journal of Multivariate Analysis 46, 1993). The mean and the variance of an
end follow exactly from those of the regressions, one level after another; its distribution is taken to be Student's
with these. There is no sampling.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS = (0.3, 1.0, 3.0)
"""Candidates for `level`, the spread of ends, in units of the root mean square of scores about the mean end."""

DECAYS = (0.3, 1.0, 3.0)
"""Candidates for `decay`: how far the beginnings of curves are from their ends, in units of `level`."""

NOISES = (0.01, 0.03, 0.1, 0.3)
"""Candidates for `noise`, the standard deviation of a score about its curve, in units of `level`."""

BETA = 0.1
"""β of freeze-thaw's kernel, in units of the full training (with α = 1)."""

CURVES = 5.0
"""ν: how many curves the prior covariance counts for."""

MEANS = 0.1
"""How many curves the prior mean counts for; it is the mean end of the finished curves, at every level."""

NEGLIGIBLE = 1e-3
"""Priors with less than this share of the posterior are left out."""


class End(NamedTuple):
    """A mixture of Student-t distributions, the posterior of a score at the end of a training.

    Attributes:
        weights: `(K,)`, of the components; they sum to 1.
        means: `(K,)`, their means.
        scales: `(K,)`, their scales.
        degrees: their degrees of freedom, above 2.
    """

    weights: Floats
    means: Floats
    scales: Floats
    degrees: float

    @property
    def mean(self) -> float:
        """The expected score."""
        return float(self.weights @ self.means)

    def above(self, score: float) -> float:
        """The probability of a higher score."""
        from scipy.special import stdtr

        return float(self.weights @ stdtr(self.degrees, (self.means - score) / self.scales))


class Regression(NamedTuple):
    """The posterior of the regression of a level j on a constant and the j levels before it, for each of K priors.

    Attributes:
        coefficients: `(K, j + 1)`, their means.
        covariances: `(K, j + 1, j + 1)`, their covariances in units of the variance of the residuals.
        squares: `(K,)`, the scale of the inverse-gamma distribution of that variance.
        degrees: its degrees of freedom.
        evidence: `(K,)`, the logarithm of the marginal likelihood but for a constant.
    """

    coefficients: Floats
    covariances: Floats
    squares: Floats
    degrees: float
    evidence: Floats

    def kept(self, chosen: NDArray[np.bool_]) -> "Regression":
        """The same for some of the priors."""
        rest = self.coefficients[chosen], self.covariances[chosen], self.squares[chosen]
        return Regression(*rest, self.degrees, self.evidence[chosen])


class LearningCurves:
    """The model, fitted to curves.

    Args:
        epochs: e_1, ..., e_L, ascending.
        curves: the scores of each network at the first of these, one or more; one of them or more has all L.

    Attributes:
        center: what is subtracted from scores, the mean end of the finished curves.
        unit: what they are then divided by, their root mean square.
        weights: `(K,)`, of the priors that matter; they sum to 1.
        regressions: of each level, the posterior for each of these priors.
    """

    def __init__(self, epochs: Sequence[int], curves: Sequence[Sequence[float]]) -> None:
        table = np.full((len(curves), len(epochs)), np.nan)
        for row, curve in zip(table, curves, strict=True):
            row[: len(curve)] = curve
        self.center = float(np.nanmean(table[:, -1]))
        self.unit = float(np.sqrt(np.nanmean((table - self.center) ** 2))) or 1.0
        table = (table - self.center) / self.unit
        found = [_regression(prior, table, level) for level, prior in enumerate(priors(tuple(epochs)))]
        weights = _normalised(np.sum([one.evidence for one in found], axis=0))
        chosen = weights > NEGLIGIBLE
        self.weights: Floats = weights[chosen] / weights[chosen].sum()
        self.regressions = [one.kept(chosen) for one in found]

    def end(self, curve: Sequence[float]) -> End:
        """The posterior of the last score of a network, given its first ones: one or more, and fewer than all."""
        seen = (np.asarray(curve, dtype=np.float64) - self.center) / self.unit
        weights, regressions = self.weights, self.regressions
        likelihood = np.log(weights)
        for level in range(len(seen)):
            likelihood = likelihood + _density(regressions[level], seen[:level], seen[level])
        weights = _normalised(likelihood)
        # The first moments and the covariances of a constant and all levels, of which the first ones are known.
        known, width = len(seen) + 1, len(regressions) + 1
        means, covariance = np.empty((len(weights), width)), np.zeros((len(weights), width, width))
        means[:, :known] = np.concatenate([[1.0], seen])
        for place, regression in enumerate(regressions[len(seen) :], start=known):
            _add_moments(regression, means, covariance, place)
        mean, variance = means[:, -1], covariance[:, -1, -1]
        degrees = regressions[-1].degrees
        scales = np.sqrt(variance * (degrees - 2) / degrees)
        return End(weights, mean * self.unit + self.center, scales * self.unit, degrees)


class Prior(NamedTuple):
    """The prior of the regression of a level j on a constant and the j levels before it, for each of K settings.

    Attributes:
        precisions: `(K, j + 1, j + 1)`, of the coefficients, in units of the variance of the residuals.
        products: `(K, j + 1)`, the precisions times the expected coefficients.
        square: `(K,)`, the prior variance of the level.
        squares: `(K,)`, the scale of the inverse-gamma distribution of the variance of the residuals.
        logarithm: `(K,)`, of the determinant of the precisions.
    """

    precisions: Floats
    products: Floats
    square: Floats
    squares: Floats
    logarithm: Floats


def covariances(epochs: Sequence[int]) -> Floats:
    """`(K, L, L)`, the prior covariance of the levels for all K settings."""
    ends = np.asarray(epochs, dtype=np.float64)
    beta = BETA * ends[-1]
    kernel = beta / (ends[:, None] + ends + beta)
    kernel /= kernel[0, 0]
    return np.array(
        [
            level**2 * (1 + decay**2 * kernel + noise**2 * np.eye(len(ends)))
            for level, decay, noise in product(LEVELS, DECAYS, NOISES)
        ]
    )


@lru_cache(maxsize=8)
def priors(epochs: tuple[int, ...]) -> Sequence[Prior]:
    """The prior of each level."""
    scale = CURVES * covariances(epochs)
    found = []
    for level in range(len(epochs)):
        precisions = np.zeros((len(scale), level + 1, level + 1))
        precisions[:, 0, 0] = MEANS
        precisions[:, 1:, 1:] = scale[:, :level, :level]
        products = np.zeros((len(scale), level + 1))
        products[:, 1:] = scale[:, :level, level]
        expected = np.linalg.solve(precisions, products[..., None])[..., 0]
        square = scale[:, level, level]
        squares = square - (expected * products).sum(axis=1)
        found.append(Prior(precisions, products, square, squares, np.linalg.slogdet(precisions)[1]))
    return found


def _regression(prior: Prior, table: Floats, level: int) -> Regression:
    """The posterior for a level from the curves that reached it; `table` is `(N, L)`, NaN where they did not."""
    rows = table[~np.isnan(table[:, level])]
    inputs = np.column_stack([np.ones(len(rows)), rows[:, :level]])
    targets = rows[:, level]
    precisions, products = prior.precisions + inputs.T @ inputs, prior.products + inputs.T @ targets
    inverse = np.linalg.inv(precisions)
    coefficients = (inverse * products[:, None, :]).sum(axis=2)
    squares = prior.square + targets @ targets - (coefficients * products).sum(axis=1)
    before, after = CURVES + level, CURVES + level + len(rows)
    evidence = (
        prior.logarithm - np.linalg.slogdet(precisions)[1] + before * np.log(prior.squares) - after * np.log(squares)
    ) / 2
    return Regression(coefficients, inverse, squares, after, evidence)


def _density(regression: Regression, before: Floats, score: float) -> Floats:
    """`(K,)`, the logarithm of the density of a score given those before it, but for a constant."""
    inputs = np.concatenate([[1.0], before])
    error = score - regression.coefficients @ inputs
    spread = 1 + np.einsum("i,kij,j->k", inputs, regression.covariances, inputs)
    squared = regression.squares * spread
    return np.asarray(-np.log(squared) / 2 - (regression.degrees + 1) / 2 * np.log1p(error**2 / squared))


def _add_moments(regression: Regression, means: Floats, covariance: Floats, place: int) -> None:
    """Sets the mean and the covariances of a level at a place of `(K, L + 1)` and `(K, L + 1, L + 1)`."""
    before, coefficients = covariance[:, :place, :place], regression.coefficients
    shared = np.matmul(before, coefficients[:, :, None])[:, :, 0]
    second = means[:, :place, None] * means[:, None, :place] + before
    spread = 1 + (regression.covariances * second).sum(axis=(1, 2))
    noise = regression.squares / (regression.degrees - 2) * spread
    means[:, place] = (coefficients * means[:, :place]).sum(axis=1)
    covariance[:, place, :place] = covariance[:, :place, place] = shared
    covariance[:, place, place] = noise + (shared * coefficients).sum(axis=1)


def _normalised(logarithms: Floats) -> Floats:
    weights = np.exp(logarithms - logarithms.max())
    return np.asarray(weights / weights.sum())
