"""The ROC curve of a score, as points to draw."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.tasks.ranking import ranking

POINTS = 201
"""The largest number of points of a curve."""


@dataclass(frozen=True)
class Roc:
    """The receiver operating characteristic of a class: both rates for each threshold of its probability.

    Attributes:
        positive: the name of the class.
        false_positive_rate: ascending, from 0 to 1.
        true_positive_rate: likewise; at most `POINTS` points, which are those of the curve.
        auc: the area under the whole curve.
    """

    positive: str
    false_positive_rate: tuple[float, ...]
    true_positive_rate: tuple[float, ...]
    auc: float


def roc(positive: str, scores: NDArray[Any], truth: NDArray[Any]) -> Roc | None:
    """The curve of scores `(N,)` for samples that are positive or not; None if all are alike.

    Args:
        positive: the name of the class.
        scores: `(N,)`.
        truth: `(N,)`, true or 1 for samples of the class.
    """
    ranked = ranking(scores, truth)
    if not ranked.positives or not ranked.negatives:
        return None
    having, lacking = (np.concatenate([[0], counts]) for counts in (ranked.having, ranked.lacking))
    # Points within a straight line are not needed. Of too many others, some are left out at equal distances.
    steps = np.stack([np.diff(having), np.diff(lacking)])
    bends = steps[0, :-1] * steps[1, 1:] != steps[1, :-1] * steps[0, 1:]
    kept = np.flatnonzero(np.concatenate([[True], bends, [True]]))
    if len(kept) > POINTS:
        kept = kept[np.linspace(0, len(kept) - 1, POINTS).round().astype(np.intp)]
    rates = lacking[kept] / ranked.negatives, having[kept] / ranked.positives
    return Roc(positive, tuple(rates[0].tolist()), tuple(rates[1].tolist()), ranked.roc_auc)
