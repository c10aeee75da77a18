"""Thresholds of label probabilities that give the highest F1 on validation data.

A threshold for each label, each for its own F1, maximises the macro average of F1 (Lipton, Elkan & Naryanaswamy 2014).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.tasks.ranking import ranking

HALF = 0.5
"""The threshold of labels that nothing is known of."""


def best_thresholds(probabilities: NDArray[Any], targets: NDArray[Any]) -> tuple[float, ...]:
    """The threshold of each label: halfway between two neighbouring probabilities; of several, the one nearest to 1/2.

    Labels that all samples have, or none, keep 1/2.

    Args:
        probabilities: `(N, K)`, in [0, 1].
        targets: 0 or 1, `(N, K)`.
    """
    return tuple(_best(scores, having) for scores, having in zip(probabilities.T, targets.T, strict=True))


def _best(scores: NDArray[Any], having: NDArray[Any]) -> float:
    ranked = ranking(scores, having)
    if not ranked.positives or not ranked.negatives:
        return HALF
    f1 = ranked.f1
    below = np.append(ranked.scores[1:], 0.0)
    thresholds = (ranked.scores + below) / 2
    best = thresholds[f1 >= f1.max() - 1e-12]
    return float(best[np.abs(best - HALF).argmin()])
