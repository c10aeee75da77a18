"""The order of samples by a score, cut at each of its values: ROC curves, average precision, thresholds."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Ranking:
    """How many samples have at least a score, for each score that occurs, from the highest.

    Attributes:
        scores: the distinct scores, descending, `(S,)`.
        having: how many samples with at least this score are positive, `(S,)`.
        lacking: how many of them are negative, `(S,)`.
    """

    scores: NDArray[np.float64]
    having: NDArray[np.int64]
    lacking: NDArray[np.int64]

    @property
    def positives(self) -> int:
        """The number of positive samples."""
        return int(self.having[-1])

    @property
    def negatives(self) -> int:
        """The number of negative samples."""
        return int(self.lacking[-1])

    @property
    def average_precision(self) -> float:
        """The mean of the precision over the positive samples, each at its own score; NaN if there are none."""
        if not self.positives:
            return np.nan
        found = np.diff(self.having, prepend=0)
        return float((found * self.having / (self.having + self.lacking)).sum() / self.positives)

    @property
    def roc_auc(self) -> float:
        """The chance that a positive sample has a higher score than a negative one; NaN if one of the two is missing.

        Equal scores count one half.
        """
        if not self.positives or not self.negatives:
            return np.nan
        below = np.concatenate([[0], self.having[:-1]]) + self.having
        return float((np.diff(self.lacking, prepend=0) * below).sum() / (2 * self.positives * self.negatives))

    @property
    def f1(self) -> NDArray[np.float64]:
        """The F1 of predicting samples with at least a score as positive, for each score, `(S,)`."""
        return np.asarray(2 * self.having / (self.having + self.lacking + max(self.positives, 1)))


def ranking(scores: NDArray[Any], positive: NDArray[Any]) -> Ranking:
    """Sorts samples by their scores.

    Args:
        scores: `(N,)`, one sample or more.
        positive: `(N,)`, true or 1 for positive samples.
    """
    scores = scores.astype(np.float64)
    order = np.argsort(-scores, kind="stable")
    sorted_scores, is_positive = scores[order], positive[order].astype(bool)
    last = np.append(np.flatnonzero(np.diff(sorted_scores)), len(order) - 1)  # of the samples with equal scores
    having = np.cumsum(is_positive)[last]
    return Ranking(sorted_scores[last], having, last + 1 - having)
