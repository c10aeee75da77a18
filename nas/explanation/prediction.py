"""How well a controller that predicts scores predicted them: rank correlation with what was then observed.

Predictions are made before the trial is told. The interval is Fisher's with the standard error
√((1 + ρ²/2) / (n - 3)) (D. G. Bonett & T. A. Wright, "Sample size requirements for estimating Pearson, Kendall and
Spearman correlations", Psychometrika 65, 2000), which holds for |ρ| < 0.95 and n of 10 or more. Trials of one search
depend on each other, so it is somewhat too narrow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nas.trial import Trial

LEAST = 10
"""Predictions that a rank correlation needs."""
WINDOW = 30
"""Predictions in the moving window."""


@dataclass(frozen=True)
class Prediction:
    """What was predicted for a trial before it was told, and its score."""

    trial: int
    predicted: float
    observed: float


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's ρ of `n` predictions, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Window:
    """The rank correlation of the predictions up to `trial`, as many as the window holds."""

    trial: int
    correlation: RankCorrelation


@dataclass(frozen=True)
class Predictions:
    """What a `Predicting` controller predicted.

    Attributes:
        pairs: predictions of networks that it had not been told of before, with their scores, in the order of trials.
        warm_up: trials at the start that are left out, as nothing had been learned to predict them by.
        known: trials left out because their network had been told before.
        failed: trials left out because they have no score.
        overall: rank correlation of all pairs; None with fewer than `LEAST`, or where all of one side are equal.
        windows: of the last `WINDOW` pairs, at each trial that has so many.
    """

    pairs: tuple[Prediction, ...]
    warm_up: int
    known: int
    failed: int
    overall: RankCorrelation | None
    windows: tuple[Window, ...]


def predictions_of(predicted: Sequence[float], trials: Sequence[Trial]) -> Predictions:
    """Compares what was predicted for each trial, before it was told, with its score.

    The warm-up lasts until the first trial with a score was told, and as long as every trial is predicted the same.
    """
    start = _warm_up(predicted, trials)
    pairs: list[Prediction] = []
    told = {trial.architecture.id for trial in trials[:start]}
    known = failed = 0
    for guess, trial in zip(predicted[start:], trials[start:], strict=True):
        if trial.score is None:
            failed += 1
        elif trial.architecture.id in told:
            known += 1
        elif math.isfinite(guess):
            pairs.append(Prediction(trial.number, float(guess), trial.score))
        told.add(trial.architecture.id)
    windows = []
    for end in range(WINDOW, len(pairs) + 1):
        found = rank_correlation(pairs[end - WINDOW : end])
        if found is not None:
            windows.append(Window(pairs[end - 1].trial, found))
    return Predictions(tuple(pairs), start, known, failed, rank_correlation(pairs), tuple(windows))


def _warm_up(predicted: Sequence[float], trials: Sequence[Trial]) -> int:
    scored = next((place for place, trial in enumerate(trials) if trial.score is not None), len(trials))
    usual = [place for place, guess in enumerate(predicted) if math.isfinite(guess) and guess != predicted[0]]
    return max(scored + 1, usual[0]) if usual and scored < len(trials) else len(trials)


def rank_correlation(pairs: Sequence[Prediction]) -> RankCorrelation | None:
    """Spearman's ρ; None with fewer than `LEAST` pairs, or where all of one side are equal."""
    from scipy.stats import spearmanr

    predicted, observed = [pair.predicted for pair in pairs], [pair.observed for pair in pairs]
    if len(pairs) < LEAST or len(set(predicted)) == 1 or len(set(observed)) == 1:
        return None
    rho = round(float(spearmanr(predicted, observed).statistic), 12)
    if abs(rho) == 1:  # Fisher's transform would be infinite
        return RankCorrelation(rho, rho, rho, len(pairs))
    middle, half = math.atanh(rho), 1.959964 * math.sqrt((1 + rho * rho / 2) / (len(pairs) - 3))
    return RankCorrelation(rho, math.tanh(middle - half), math.tanh(middle + half), len(pairs))
