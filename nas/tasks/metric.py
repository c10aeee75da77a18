"""What a metric is: a number that says how good predictions are, and how it is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from nas.trial import Direction

Needs = Literal["loss", "labels", "probabilities", "values"]
"""What a metric is computed from: the loss; the class of each sample, `(N,)`; the probability of each class, `(N, K)`;
or a value for each target, `(N, K)`."""

DIGITS = 4
"""Decimals that are shown of a number of which nothing is known."""


@dataclass(frozen=True)
class Metric:
    """A number that says how good the predictions for some samples are.

    Attributes:
        name: `f1`. With the part of the data before it, `val_f1`, it is a metric of a trial.
        title: for people: `macro F1`.
        direction: which way is better.
        lowest: the least value that it can have.
        highest: the greatest.
        needs: what it is computed from, beside the targets.
        compute: gives it, from predictions and targets; None for the loss, which the task has.
        undefined: why it is not defined for the targets of a part, given the number of outputs; empty if it is.
            None: it always is.
        percent: whether it is shown in percent; it is a fraction all the same.
        digits: decimals that are shown, and of a percentage two fewer.
        share: whether it is a share of the samples, so that an interval follows from their number.
    """

    name: str
    title: str
    direction: Direction
    lowest: float
    highest: float
    needs: Needs
    compute: Callable[[NDArray[Any], NDArray[Any]], float] | None = None
    undefined: Callable[[NDArray[Any], int], str] | None = None
    percent: bool = False
    digits: int = DIGITS
    share: bool = False
