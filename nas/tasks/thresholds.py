"""Thresholds of label probabilities, tuned on validation data for the metric that a network was selected by.

A threshold for each label, each for its own F1, maximises the macro average of F1; one threshold for all labels, for F1
over all of them, is the best of a micro average (Lipton, Elkan & Naryanaswamy 2014). Both predict rare labels often,
which leaves fewer samples with all labels right.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.tasks.ranking import ranking

HALF = 0.5
"""The threshold of labels that nothing is known of."""


def tuned_thresholds(aim: str, probabilities: NDArray[Any], targets: NDArray[Any]) -> tuple[float, ...]:
    """The threshold of each label: for the micro average of F1, one for all; else the `best_thresholds`.

    If the metric is the share of wrong labels, or of samples with all labels right, it is 1/2: the more probable of a
    label and its absence is predicted.

    Args:
        aim: the name of the metric.
        probabilities: `(N, K)`, in [0, 1].
        targets: 0 or 1, `(N, K)`.
    """
    labels: int = targets.shape[1]
    if aim in ("exact_match", "hamming_loss"):
        return (HALF,) * labels
    if aim == "micro_f1":
        return best_thresholds(probabilities.reshape(-1, 1), targets.reshape(-1, 1)) * labels
    return best_thresholds(probabilities, targets)


def best_thresholds(probabilities: NDArray[Any], targets: NDArray[Any]) -> tuple[float, ...]:
    """The threshold of each label with its highest F1: halfway between two neighbouring probabilities; of several, the
    one nearest to 1/2.

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
