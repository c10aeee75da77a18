"""A number with its confidence interval, and the bootstrap over seeds that gives most of them.

The interval is the *expanded percentile* interval of T. Hesterberg, "What Teachers Should Know About the Bootstrap"
(The American Statistician 69(4), 2015, section 5.3): quantiles of the bootstrap distribution at
`Phi(-sqrt(n / (n - 1)) t)` and its complement, t being Student's quantile with n - 1 degrees of freedom. The plain
percentile interval is too narrow by about `z / t * sqrt((n - 1) / n)`: with 10 seeds it covers a mean in 90 % of
experiments instead of 95 %. Either way the interval stays within the range of the data, so a regret is never negative.
BCa was left out: it mends skewness but not narrowness, and it needs a jackknife at each point of a curve.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from nas.errors import UsageError

RESAMPLES = 4000
"""Bootstrap resamples. An end of a 95 % interval then has a Monte-Carlo error of some 0.04 standard errors."""


@dataclass(frozen=True)
class Estimate:
    """A value and the ends of its confidence interval; `level` is 0.95 for 95 %."""

    value: float
    low: float
    high: float
    level: float = 0.95


def resampled_seeds(seeds: int, resamples: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Which seeds each bootstrap resample holds: shape `(resamples, seeds)`.

    Raises:
        UsageError: fewer than two seeds.
    """
    if seeds < 2:
        raise UsageError(f"an interval over seeds needs at least 2 seeds, got {seeds}")
    return rng.integers(seeds, size=(resamples, seeds), dtype=np.intp)


def times_drawn(drawn: NDArray[np.intp]) -> NDArray[np.float64]:
    """How often each seed is in each resample, `(resamples, seeds)`, from `resampled_seeds`."""
    resamples, seeds = drawn.shape
    cells = drawn + np.arange(resamples)[:, None] * seeds
    return np.bincount(cells.ravel(), minlength=drawn.size).reshape(drawn.shape).astype(np.float64)


def interval(
    values: NDArray[np.float64], seeds: int, level: float, *, expanded: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends of the interval, each of shape `(...)`, from bootstrap values of shape `(resamples, ...)`.

    Args:
        values: the statistic on each resample.
        seeds: how many seeds a resample has.
        level: of confidence, such as 0.95.
        expanded: see the top of this file; else the plain percentile interval.
    """
    tail = (1 - level) / 2
    if expanded:
        tail = special.ndtr(special.stdtrit(seeds - 1, tail) * np.sqrt(seeds / (seeds - 1)))
    low, high = np.quantile(values, [tail, 1 - tail], axis=0)
    return low, high
