"""Whether predicted probabilities are the frequencies of what they predict (Guo et al. 2017)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10
"""The number of bins of equal width into which probabilities are divided, as by Naeini et al. (2015)."""


@dataclass(frozen=True)
class Bin:
    """The samples whose predicted probability is in an interval.

    Attributes:
        low, high: the interval `[low, high)`; that of the last bin includes 1.
        samples: their number.
        predicted: the mean of their probabilities; None: there are no samples.
        observed: the share of samples for which the prediction is true; None likewise.
    """

    low: float
    high: float
    samples: int
    predicted: float | None
    observed: float | None


@dataclass(frozen=True)
class Calibration:
    """Predicted probabilities beside observed frequencies.

    Attributes:
        event: the name of the class whose probability is predicted; None: the class with the highest probability.
        bins: the `BINS` bins, ascending.
        error: the expected calibration error, in [0, 1]: the mean over samples of the difference between `predicted`
            and `observed` of their bins.
    """

    event: str | None
    bins: tuple[Bin, ...]
    error: float


def calibration(probabilities: NDArray[Any], targets: NDArray[Any], names: tuple[str, ...] = ()) -> Calibration:
    """The calibration of class probabilities.

    Of two classes, it is that of the probability of the second one; of more, that of the class with the highest
    probability, which is true if that is the class of the sample.

    Args:
        probabilities: `(N, K)`.
        targets: class indices, `(N,)`.
        names: of the classes.
    """
    if probabilities.shape[1] == 2:
        predicted, true = probabilities[:, 1], targets == 1
    else:
        predicted, true = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    places = np.minimum((predicted * BINS).astype(np.intp), BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    sums = np.bincount(places, predicted, minlength=BINS)
    hits = np.bincount(places, true, minlength=BINS)
    bins = tuple(
        Bin(
            place / BINS,
            (place + 1) / BINS,
            int(counts[place]),
            float(sums[place] / counts[place]) if counts[place] else None,
            float(hits[place] / counts[place]) if counts[place] else None,
        )
        for place in range(BINS)
    )
    event = names[1] if len(names) == 2 else None
    return Calibration(event, bins, float(np.abs(sums - hits).sum() / len(targets)))


def calibration_error(probabilities: NDArray[Any], targets: NDArray[Any]) -> float:
    """The expected calibration error, see `Calibration`."""
    return calibration(probabilities, targets).error
