"""The record of a metric: what it is computed from, its range, and how it is displayed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from nas.trial import Direction

Needs = Literal["loss", "labels", "probabilities", "values"]
"""What a metric is computed from: the loss; class indices `(N,)`, or for each of several labels 0 or 1, `(N, K)`;
probabilities of classes or labels, `(N, K)`; or values `(N, K)`."""

DIGITS = 4
"""The number of displayed decimals, unless the metric specifies it."""


@dataclass(frozen=True)
class Metric:
    """A measure of the quality of predictions.

    Attributes:
        name: its name, such as `f1`. With the part of the data as prefix (`val_f1`), it is a metric of a trial.
        title: its name for people, such as `macro F1`.
        direction: whether higher or lower is better.
        lowest: its minimum.
        highest: its maximum.
        needs: what it is computed from, besides the targets.
        compute: a function of predictions and targets; None for the loss, which the task defines.
        undefined: a function of the targets of a part and the number of outputs, which returns why the metric is
            undefined for them, or an empty string. None: it is always defined.
        percent: whether it is displayed in percent; its value is a fraction nevertheless.
        digits: the number of displayed decimals; two fewer in percent.
        share: whether it is a proportion of the samples, so that their number determines a confidence interval.
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
