"""What models learn scores as: failed trials imputed, and scales on which neither the unit nor outliers matter."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def impute_failures(scores: Sequence[float | None]) -> Floats:
    """The scores `(N,)`; trials that failed (None) get the worst score of the others, or 0 where all failed."""
    worst = min((score for score in scores if score is not None), default=0.0)
    return np.array([worst if score is None else score for score in scores])


def standardize(scores: Floats) -> tuple[Floats, float, float]:
    """The scores `(N,)` with mean 0 and standard deviation 1, and the mean and the deviation that they had.

    Equal scores become zeros, and their deviation counts as 1.
    """
    mean, deviation = float(scores.mean()), float(scores.std()) or 1.0
    return (scores - mean) / deviation, mean, deviation


def ranks(scores: Floats) -> Floats:
    """The rank of each score, evenly spaced from near -1 for the worst to near 1 for the best; ties share theirs."""
    ordered = np.sort(scores)
    below, not_above = ordered.searchsorted(scores, "left"), ordered.searchsorted(scores, "right")
    return np.asarray((below + not_above) / len(scores) - 1)


def normal_scores(scores: Floats) -> Floats:
    """The normal quantiles of the ranks (Blom 1958), of ties at their mean rank; their mean is 0."""
    from scipy.special import ndtri

    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(counts) - (counts - 1) / 2
    found = ndtri((mean_ranks - 0.375) / (len(scores) + 0.25))[places]
    return np.asarray(found - found.mean())
