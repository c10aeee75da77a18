"""The quality of a controller's predictions: their rank correlation with the observed scores.

Each prediction is made before the controller is told the trial. The interval is Fisher's with the standard error
√((1 + ρ²/2) / (n - 3)) (D. G. Bonett & T. A. Wright, "Sample size requirements for estimating Pearson, Kendall and
Spearman correlations", Psychometrika 65, 2000), which is valid for |ρ| < 0.95 and n ≥ 10. Trials of one search are not
independent, so the interval is somewhat too narrow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nas.trial import Trial

LEAST = 10
"""Minimal number of predictions for a rank correlation."""
WINDOW = 30
"""Predictions in the moving window."""


@dataclass(frozen=True)
class Prediction:
    """The predicted and the observed score of a trial."""

    trial: int
    predicted: float
    observed: float


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's ρ of `n` predictions, and its 95 % confidence interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Window:
    """The rank correlation of the last `WINDOW` predictions up to `trial`."""

    trial: int
    correlation: RankCorrelation


@dataclass(frozen=True)
class Predictions:
    """The predictions of a `Predicting` controller.

    Attributes:
        pairs: predicted and observed scores of networks that were new to the controller, in the order of trials.
        warm_up: the number of trials excluded at the start, before the controller had learned anything.
        known: the number of trials excluded because their networks had been evaluated before.
        failed: the number of trials excluded because they have no score.
        overall: the rank correlation of all pairs; None with fewer than `LEAST` pairs, or if all predictions or all
            scores are equal.
        windows: the rank correlation of the last `WINDOW` pairs at each trial.
    """

    pairs: tuple[Prediction, ...]
    warm_up: int
    known: int
    failed: int
    overall: RankCorrelation | None
    windows: tuple[Window, ...]


def predictions_of(predicted: Sequence[float], trials: Sequence[Trial]) -> Predictions:
    """Compares the prediction of each trial, made before the controller was told it, with its score.

    The warm-up lasts until the first successful trial was told and predictions differ.
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
    """Spearman's ρ; None with fewer than `LEAST` pairs, or if all predictions or all scores are equal."""
    predicted, observed = [pair.predicted for pair in pairs], [pair.observed for pair in pairs]
    if len(pairs) < LEAST or len(set(predicted)) == 1 or len(set(observed)) == 1:
        return None
    from scipy.stats import spearmanr  # loads seconds of imports

    rho = round(float(spearmanr(predicted, observed).statistic), 12)
    if abs(rho) == 1:  # Fisher's transform would be infinite
        return RankCorrelation(rho, rho, rho, len(pairs))
    middle, half = math.atanh(rho), 1.959964 * math.sqrt((1 + rho * rho / 2) / (len(pairs) - 3))
    return RankCorrelation(rho, math.tanh(middle - half), math.tanh(middle + half), len(pairs))
