"""Anytime curves of single runs, and their mean or median over seeds with a band.

A run is a series of evaluations n = 1..N. `observed` is the score that the controller saw, `truth` the true quality of
the same architecture, `clock` the simulated time at which the evaluation was finished, ascending. The last axis is the
evaluations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.errors import UsageError
from nas.statistics.check import finite, fraction
from nas.statistics.estimate import RESAMPLES, interval, resampled_seeds, times_drawn


@dataclass(frozen=True, eq=False)
class Band:
    """Mean or median over seeds at each point, and a confidence interval *at each point* (not for the whole curve).

    `center`, `low`, `high` have shape `(points,)` and the unit of what was aggregated; NaN where a run is not known.
    """

    center: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    statistic: Literal["mean", "median"]
    level: float
    seeds: int


def best_so_far(truth: ArrayLike, trained: ArrayLike | None = None) -> NDArray[np.float64]:
    """The best true quality among what was evaluated, shape `(..., N)`: `max truth[:n + 1]`.

    With `trained`, the epochs of each evaluation, only those of the most epochs up to then count, as for `incumbent`.

    Raises:
        UsageError: shapes that differ, a value that is not finite.
    """
    true = finite(truth, "truth")
    return np.take_along_axis(true, _leader(true, trained, "truth"), axis=-1)


def incumbent(observed: ArrayLike, truth: ArrayLike, trained: ArrayLike | None = None) -> NDArray[np.float64]:
    """The true quality of what the searcher would hand over, shape `(..., N)`: `truth[argmax observed[:n + 1]]`.

    Of several with the same observed score, it is the first. The curve can fall: a lucky score displaces a better
    architecture. With `trained`, the epochs of each evaluation, scores are compared among those of the most epochs up
    to then alone: a score after 3 epochs says nothing beside one after 100.

    Raises:
        UsageError: shapes that differ, a value that is not finite.
    """
    seen, true = finite(observed, "observed"), finite(truth, "truth")
    if seen.shape != true.shape:
        raise UsageError(f"observed has shape {seen.shape} and truth {true.shape}: one of each per evaluation")
    return np.take_along_axis(true, _leader(seen, trained, "observed"), axis=-1)


def _leader(scores: NDArray[np.float64], trained: ArrayLike | None, name: str) -> NDArray[np.intp]:
    """The place of the first with the highest score among those of the most epochs up to then, `(..., N)`."""
    if trained is not None:
        epochs = finite(trained, "trained")
        if epochs.shape != scores.shape:
            raise UsageError(f"{name} has shape {scores.shape} and trained {epochs.shape}: one of each per evaluation")
        # In their place the ranks that come of comparing epochs first.
        order = np.lexsort((scores, epochs))
        by_rank = [np.take_along_axis(values, order, axis=-1) for values in (scores, epochs)]
        steps = np.zeros(scores.shape)
        steps[..., 1:] = np.any([np.diff(values, axis=-1) != 0 for values in by_rank], axis=0)
        scores = np.empty(steps.shape)
        np.put_along_axis(scores, order, np.cumsum(steps, axis=-1), axis=-1)
    best = np.maximum.accumulate(scores, axis=-1)
    new = np.ones(scores.shape, dtype=bool)
    new[..., 1:] = best[..., 1:] > best[..., :-1]
    return np.maximum.accumulate(np.where(new, np.arange(scores.shape[-1]), 0), axis=-1)


def regret(quality: ArrayLike, optimum: float) -> NDArray[np.float64]:
    """`(optimum - quality) * 100`: percentage points below the table's best; qualities and optimum are fractions.

    The optimum is a mean over recorded runs, and so is exceeded by single runs: their regret is below 0, and stays so,
    because a mean over seeds of what was cut off at 0 would be too large.

    Raises:
        UsageError: a value that is not finite.
    """
    return (optimum - finite(quality, "quality")) * 100


def time_grid(clocks: Sequence[ArrayLike], ends: ArrayLike | None = None, *, points: int = 256) -> NDArray[np.float64]:
    """Equally spaced times, shape `(points,)`, from when every run has finished an evaluation until the first one ends.

    Give it the runs of all controllers that are to share an axis.

    Raises:
        UsageError: no such time, or as `resample`.
    """
    runs, known_until = _runs(clocks, ends)
    start, stop = max(run[0] for run in runs), known_until.min()
    if np.isinf(stop):
        stop = max(run[-1] for run in runs)
    if not start <= stop:
        raise UsageError(f"no common time: a run ends at {stop:g} s, another has its first result at {start:g} s")
    return np.linspace(start, stop, points)


def resample(
    clocks: Sequence[ArrayLike], curves: Sequence[ArrayLike], grid: ArrayLike, ends: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Runs as step functions of simulated time: the value after the last evaluation finished, `(seeds, len(grid))`.

    Before the first evaluation is finished, and after a run is no longer known, the value is NaN. `ends` says until
    when each run is known. By default that is its last evaluation: a run that stopped because its number of evaluations
    was used up would have gone on, and to keep its last value would belittle a quick controller. A run that stopped
    because the next evaluation did not fit into a budget of time is known until that budget, and one that had nothing
    left to propose until infinity: there its last value is what it would hand over.

    Args:
        clocks: of each run, the seconds `(N,)` at which its evaluations were finished, ascending.
        curves: of each run, a value `(N,)` after each evaluation.
        grid: seconds.
        ends: seconds, shape `(seeds,)`, not before a run's last evaluation.

    Raises:
        UsageError: clocks that fall, ends before the last evaluation, lengths that differ, values that are not finite.
    """
    runs, known_until = _runs(clocks, ends)
    if len(curves) != len(runs):
        raise UsageError(f"{len(runs)} clocks for {len(curves)} curves")
    times = finite(grid, "grid", 1)
    table = np.full((len(runs), len(times)), np.nan)
    for row, clock, curve, end in zip(table, runs, curves, known_until, strict=True):
        values = finite(curve, "curve", 1)
        if len(values) != len(clock):
            raise UsageError(f"a run has {len(clock)} times and {len(values)} values")
        last = np.searchsorted(clock, times, side="right") - 1
        known = (last >= 0) & (times <= end)
        row[known] = values[last[known]]
    return table


def aggregate(
    curves: ArrayLike,
    *,
    rng: np.random.Generator,
    statistic: Literal["mean", "median"] = "mean",
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Band:
    """Mean or median over seeds, with a bootstrap interval at each point.

    The mean has the expanded percentile interval of `estimate`, the median the plain one. Bands of 95 % cover 94 to
    96 % for normal values from 10 seeds on; means of strongly skewed (exponential) ones 91 % with 10 seeds, and 93 %
    with 20 (`tests/compare/test_curves.py`). Where one run is not known there is no value: a mean over the runs that
    are left would be one over the slow, or over the quick.

    Args:
        curves: shape `(seeds, points)`; NaN where a run is not known.
        rng: draws the resamples.
        statistic: over the seeds.
        level: of confidence.
        resamples: of the bootstrap.

    Raises:
        UsageError: fewer than two seeds, a wrong shape, an infinite value, no point at which all runs are known.
    """
    fraction(level, "level")
    array = np.asarray(curves, dtype=np.float64)
    if array.ndim != 2:
        raise UsageError(f"curves: expected shape (seeds, points), got {array.shape}")
    known = ~np.isnan(array).any(axis=0)
    values = finite(array[:, known], "curves at the points where all runs are known")
    seeds = len(values)
    drawn = resampled_seeds(seeds, resamples, rng)
    if statistic == "mean":
        center, simulated = values.mean(axis=0), times_drawn(drawn) @ values / seeds
    else:
        # The seeds drawn, taken as ranks: at each point the median of a resample is then that of the ranks.
        ranks, ordered = np.sort(drawn, axis=1), np.sort(values, axis=0)
        center = np.median(values, axis=0)
        simulated = (ordered[ranks[:, (seeds - 1) // 2]] + ordered[ranks[:, seeds // 2]]) / 2
    low, high = interval(simulated, seeds, level, expanded=statistic == "mean")
    whole = np.full((3, array.shape[1]), np.nan)
    whole[:, known] = center, np.minimum(low, center), np.maximum(high, center)
    return Band(whole[0], whole[1], whole[2], statistic, level, seeds)


def _runs(clocks: Sequence[ArrayLike], ends: ArrayLike | None) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    runs = [finite(clock, f"clock of run {index}", 1) for index, clock in enumerate(clocks)]
    if not runs:
        raise UsageError("there are no runs")
    for index, run in enumerate(runs):
        if (np.diff(run) < 0).any():
            raise UsageError(f"clock of run {index}: it runs backwards")
    last = np.array([run[-1] for run in runs])
    known_until = last if ends is None else np.asarray(ends, dtype=np.float64)
    if known_until.shape != last.shape:
        raise UsageError(f"ends: expected one for each of {len(runs)} runs, got shape {known_until.shape}")
    if not (known_until >= last).all():
        raise UsageError("ends: a run cannot end before its last evaluation is finished")
    return runs, known_until
