"""The time until a run is within delta of the optimum for the first time, with censoring.

It is a first-passage time: a run may leave the optimum again, and a search does not observe the passage.

A run that ends before is *censored*: its time is known to be longer than its length. Omitting such runs, or taking
their length as the time, would favour controllers that fail.

E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations" (JASA 53, 1958). The band uses
Greenwood's variance on the scale of log(-log S), as `survfit(conf.type = "log-log")` of R does; the interval of the
median consists of the times at which this band contains 1/2 (R. Brookmeyer and J. Crowley, "A confidence interval for
the median survival time", Biometrics 38, 1982).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nas.errors import UsageError
from nas.statistics.check import finite, fraction

ROUNDING = 1e-9
"""Tolerance for floating-point error, in percentage points."""


@dataclass(frozen=True, eq=False)
class Survival:
    """The share of runs that have not reached the target yet: a step function, 1 before `times[0]`.

    Attributes:
        times: the times at which a run reached the target or was censored, ascending, `(points,)`; evaluations or
            seconds.
        waiting: the share that has not reached the target after each time.
        low: the lower end of its confidence interval.
        high: the upper end.
        at_risk: the number of runs under observation just before each time.
        reached: the number of runs that reached the target at each time.
        runs: the number of runs.
        median: the first time at which half of the runs have reached the target; None: not reached.
        median_low: the lower end of its confidence interval; None: unknown.
        median_high: the upper end; None: unbounded.
        level: the confidence level.
    """

    times: NDArray[np.float64]
    waiting: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    reached: NDArray[np.int64]
    runs: int
    median: float | None
    median_low: float | None
    median_high: float | None
    level: float


def until_within(
    regrets: Sequence[ArrayLike],
    delta: float,
    *,
    clocks: Sequence[ArrayLike] | None = None,
    ends: ArrayLike | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """When each run first has a regret of at most `delta`.

    Args:
        regrets: for each run, the regret after each evaluation, shape `(N,)`, in percentage points.
        delta: percentage points; 0 for the optimum itself.
        clocks: for each run, the seconds `(N,)` at which the evaluations finished; None: evaluations are counted.
        ends: the times up to which the runs are known, `(runs,)`, see `curves.resample`; None: their last evaluations.

    Returns:
        The times `(runs,)`, and whether the target was reached `(runs,)`; if not, the time is that of censoring.

    Raises:
        UsageError: delta is below 0, lengths differ, or a value is not finite.
    """
    if not delta >= 0:
        raise UsageError(f"delta: expected 0 or more percentage points, got {delta}")
    runs = [finite(run, f"regrets of run {index}", 1) for index, run in enumerate(regrets)]
    if clocks is None:
        times = [np.arange(1.0, len(run) + 1) for run in runs]
    else:
        times = [finite(clock, f"clock of run {index}", 1) for index, clock in enumerate(clocks)]
    if list(map(len, runs)) != list(map(len, times)):
        raise UsageError("a clock needs a time for each regret of its run")
    last = np.array([clock[-1] for clock in times]) if ends is None else finite(ends, "ends", 1)
    if len(last) != len(runs):
        raise UsageError(f"ends: expected one for each of {len(runs)} runs, got {len(last)}")
    within = [run <= delta + ROUNDING for run in runs]
    reached = np.array([bool(there.any()) for there in within])
    when = [
        clock[np.argmax(there)] if there.any() else end for clock, there, end in zip(times, within, last, strict=True)
    ]
    return np.array(when), reached


def survival(times: ArrayLike, reached: ArrayLike, *, level: float = 0.95) -> Survival:
    """The Kaplan-Meier estimate of the share of runs that have not reached the target yet.

    Args:
        times: shape `(runs,)`, above 0.
        reached: whether the target was reached at that time; else the run was censored, after all events at that time.
        level: the confidence level.

    Raises:
        UsageError: the shapes differ, or a time is not finite or not above 0.
    """
    fraction(level, "level")
    when, there = _outcomes(times, reached)
    points = np.unique(when)
    at_risk = np.array([(when >= time).sum() for time in points], dtype=np.int64)
    events = np.array([((when == time) & there).sum() for time in points], dtype=np.int64)
    waiting = np.cumprod(1 - events / at_risk, dtype=np.float64)
    left = at_risk - events
    greenwood = np.cumsum(events / (at_risk * np.maximum(left, 1)))
    inside = (waiting > 0) & (waiting < 1)
    low, high = np.where(waiting < 1, 0.0, 1.0), np.ones_like(waiting)
    log = np.log(waiting[inside])
    width = special.ndtri((1 + level) / 2) * np.sqrt(greenwood[inside]) / np.abs(log)
    low[inside], high[inside] = np.exp(log * np.exp(width)), np.exp(log * np.exp(-width))
    # The variance is undefined when no run is left: the upper end is kept, as in R (lifelines sets it to 0, which would
    # bound the median of 5 runs at 95 %, impossible for order statistics).
    high = np.minimum.accumulate(np.where(waiting > 0, high, 1.0)).astype(np.float64)
    return Survival(
        times=points,
        waiting=waiting,
        low=low,
        high=high,
        at_risk=at_risk,
        reached=events,
        runs=len(when),
        median=_first_at_half(points, waiting),
        median_low=_first_at_half(points, low),
        median_high=_first_at_half(points, high),
        level=level,
    )


def _outcomes(times: ArrayLike, reached: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    when, there = finite(times, "times", 1), np.asarray(reached, dtype=bool)
    if when.shape != there.shape:
        raise UsageError(f"times have shape {when.shape}, reached has {there.shape}")
    if when.min() <= 0:
        raise UsageError(f"times: expected numbers above 0, got {when.min():g}")
    return when, there


def _first_at_half(points: NDArray[np.float64], curve: NDArray[np.float64]) -> float | None:
    there = curve <= 0.5 + ROUNDING
    return float(points[np.argmax(there)]) if there.any() else None
