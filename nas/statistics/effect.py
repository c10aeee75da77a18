"""Effect sizes with confidence intervals: differences in the unit of the values, and probabilities.

R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice" (NeurIPS 2021; `rliable`):
interquartile mean, probability of improvement. A. Vargha and H. D. Delaney, "A critique and improvement of the CL
common language effect size statistics" (Journal of Educational and Behavioral Statistics 25(2), 2000).

Deviation from rliable: its bootstrap resamples runs independently for each problem and algorithm. Here, seeds are
resampled, each with its runs of both controllers on all problems, because runs with the same seed can be correlated
(the same first architectures on all problems of a space). Without correlation both are valid; with it, the intervals of
rliable over several problems are too narrow. `linked=False` gives those of rliable.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from nas.statistics.check import finite, fraction, paired
from nas.statistics.estimate import RESAMPLES, Estimate, interval, mean_interval, resampled_seeds, times_drawn


def mean_difference(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Mean of `first - second` over paired seeds `(seeds,)`, with Student's t interval.

    Raises:
        UsageError: fewer than two pairs, different shapes, or a value that is not finite.
    """
    one, other = paired(first, second, 1)
    return mean_interval(one - other, level=level)


def vargha_delaney(first: ArrayLike, second: ArrayLike) -> float:
    """The probability that a run of `first` is lower (better) than one of `second`; ties count one half.

    It is taken over all pairs of runs regardless of their seeds, shapes `(seeds,)`, which may differ. 0.5 means that
    neither is stochastically better. It is the A of the paper with `second` as the first sample.

    Raises:
        UsageError: not one dimension, or a value that is not finite.
    """
    return float(_lower(finite(first, "first", 1), finite(second, "second", 1)).mean())


def probability_of_improvement(
    first: ArrayLike,
    second: ArrayLike,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    linked: bool = True,
) -> Estimate:
    """The probability that `first` is better (lower) than `second` on a random one of the problems: the mean of A.

    Args:
        first: shape `(seeds,)` or `(problems, seeds)`.
        second: of the same shape.
        rng: draws the resamples.
        level: the confidence level.
        resamples: the number of bootstrap resamples.
        linked: whether seeds are resampled with all of their runs; else each problem and controller independently.

    Raises:
        UsageError: fewer than two seeds, different shapes, or a value that is not finite.
    """
    one, other = (np.atleast_2d(values) for values in paired(first, second, 1, 2))
    problems, seeds = one.shape
    shares = np.stack([_lower(*runs) for runs in zip(one, other, strict=True)])
    if linked:
        times = times_drawn(resampled_seeds(seeds, resamples, rng))
        simulated = ((times @ shares.mean(axis=0)) * times).sum(axis=1) / seeds**2
    else:
        simulated = np.zeros(resamples)
        for share in shares:
            times, others = (times_drawn(resampled_seeds(seeds, resamples, rng)) for _ in range(2))
            simulated += ((times @ share) * others).sum(axis=1) / (problems * seeds**2)
    low, high = interval(simulated, seeds, fraction(level, "level"))
    return Estimate(float(shares.mean()), float(low), float(high), level)


def interquartile_mean(
    values: ArrayLike,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    linked: bool = True,
) -> Estimate:
    """Mean of the middle half of all runs of a controller on all problems (25 % trimmed mean).

    The problems should be on one scale (regrets of similar tables, or regrets relative to random search); otherwise the
    trimmed values are those of the hardest and the easiest problems.

    Args:
        values: of one controller, shape `(problems, seeds)`, or `(seeds,)` for one problem.
        rng: draws the resamples.
        level: the confidence level.
        resamples: the number of bootstrap resamples.
        linked: whether seeds are resampled with their runs on all problems; else each problem independently (rliable).

    Raises:
        UsageError: fewer than two seeds, or a value that is not finite.
    """
    array = np.atleast_2d(finite(values, "values", 1, 2))
    problems, seeds = array.shape
    drawn = [resampled_seeds(seeds, resamples, rng) for _ in range(1 if linked else problems)]
    runs = [problem[drawn[0 if linked else index]] for index, problem in enumerate(array)]
    simulated = stats.trim_mean(np.concatenate(runs, axis=1), 0.25, axis=1)
    low, high = interval(simulated, seeds, fraction(level, "level"))
    return Estimate(float(stats.trim_mean(array, 0.25, axis=None)), float(low), float(high), level)


def _lower(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """`(runs of first, runs of second)`: 1 where the first is lower, 1/2 where they tie, 0 where it is higher."""
    return (np.sign(second[None, :] - first[:, None]) + 1) / 2
