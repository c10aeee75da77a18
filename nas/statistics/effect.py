"""How large a difference is: with its interval, in the unit of the values or as a chance.

R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice" (NeurIPS 2021; `rliable`):
interquartile mean, probability of improvement. A. Vargha and H. D. Delaney, "A critique and improvement of the CL
common language effect size statistics" (Journal of Educational and Behavioral Statistics 25(2), 2000).

Deviation from rliable: its bootstrap draws runs within each problem, for each problem and each algorithm on its own.
Here a resample draws *seeds*, and a seed brings its runs on all problems and of both controllers with it, because a
seed may well make them alike (the same first architectures on every problem of a space). Where it does not, both are
right; where it does, rliable's is too narrow over several problems. `linked=False` gives rliable's.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from nas.errors import UsageError
from nas.statistics.check import finite, fraction, paired
from nas.statistics.estimate import RESAMPLES, Estimate, interval, resampled_seeds, times_drawn


def mean_difference(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Mean of `first - second` over paired seeds `(seeds,)`, with Student's interval for the mean of the differences.

    Raises:
        UsageError: fewer than two pairs, shapes that differ, values that are not finite.
    """
    one, other = paired(first, second, 1)
    delta = one - other
    if len(delta) < 2:
        raise UsageError(f"an interval over seeds needs at least 2 seeds, got {len(delta)}")
    mean = float(delta.mean())
    error = float(delta.std(ddof=1)) / np.sqrt(len(delta))
    half = float(special.stdtrit(len(delta) - 1, (1 + fraction(level, "level")) / 2) * error)
    return Estimate(mean, mean - half, mean + half, level)


def vargha_delaney(first: ArrayLike, second: ArrayLike) -> float:
    """The chance that a run of `first` comes out lower (better) than one of `second`, ties counting one half.

    Over all pairs of runs, whatever their seeds; shapes `(seeds,)`, which may differ. 0.5: neither way prevails. It is
    the A of the paper with `second` as its first sample.

    Raises:
        UsageError: not one dimension, or values that are not finite.
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
    """The chance that `first` is better (lower) than `second` on one of these problems at random: mean of A over them.

    Args:
        first: shape `(seeds,)` or `(problems, seeds)`.
        second: of the same shape.
        rng: draws the resamples.
        level: of confidence.
        resamples: of the bootstrap.
        linked: a seed brings all of its runs into a resample; else every problem and controller draws its own.

    Raises:
        UsageError: fewer than two seeds, shapes that differ, values that are not finite.
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
    """Mean of the middle half of all runs of a controller on all problems, a quarter being cut off at either end.

    Problems should be on one scale (regrets of tables that are much alike, or regrets divided by that of random
    search): otherwise the hard problems are what is cut off.

    Args:
        values: of one controller, shape `(problems, seeds)`, or `(seeds,)` for one problem.
        rng: draws the resamples.
        level: of confidence.
        resamples: of the bootstrap.
        linked: a seed brings its runs on all problems into a resample; else every problem draws its own (rliable).

    Raises:
        UsageError: fewer than two seeds, or values that are not finite.
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
