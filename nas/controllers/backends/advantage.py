"""The advantages that policy gradients learn from: how much better a trial is than expected.

    advantage = (R - b) / σ

R is the score of a trial, and of a failed one the worst score so far; b is the exponential moving average of the
previous rewards, with bias correction, as in the reference code of NAS-Bench-201; σ is the standard deviation of all
rewards so far, so that the unit of the scores does not matter. The advantage of the first trial is 0, and so are those
of trials that fail before the first success: there is nothing to compare them with.
"""

import math


class Advantages:
    """Turns scores into advantages, in the order in which they are told.

    Args:
        decay: of the moving average, in [0, 1): the weight of the past.
    """

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self._worst: float | None = None
        # The rewards so far: their number, mean and squared deviations (Welford 1962); weighted sum, sum of weights.
        self._count, self._mean, self._squares = 0, 0.0, 0.0
        self._sum, self._weight = 0.0, 0.0

    def tell(self, score: float | None) -> float:
        """The advantage of the next trial; its score is None if it failed."""
        if score is not None:
            self._worst = score if self._worst is None else min(score, self._worst)
        if self._worst is None:
            return 0.0
        reward = self._worst if score is None else score
        expected = self._sum / self._weight if self._weight else reward
        self._count += 1
        deviation = reward - self._mean
        self._mean += deviation / self._count
        self._squares += deviation * (reward - self._mean)
        self._sum = self._decay * self._sum + (1 - self._decay) * reward
        self._weight = self._decay * self._weight + (1 - self._decay)
        spread = math.sqrt(self._squares / self._count)
        return (reward - expected) / spread if spread > 0 else 0.0
