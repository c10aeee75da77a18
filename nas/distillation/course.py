"""Weights of losses over a training. Importing this does not load torch."""

import math
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

Schedule = Literal["constant", "linear", "cosine"]


def course(progress: "float | Tensor", warmup: float, schedule: Schedule) -> "float | Tensor":
    """The share of a weight after a fraction of all steps, in [0, 1].

    Args:
        progress: that fraction, in [0, 1); a tensor without dimensions where steps are captured.
        warmup: the fraction of the steps over which the share rises linearly from 0.
        schedule: whether it stays at 1 afterwards, or falls to 0 over the whole training: linearly, or along half a
            cosine.
    """
    share = 1.0 if not warmup else _at_most_one(progress / warmup)
    if schedule == "constant":
        return share
    return share * ((1 - progress) if schedule == "linear" else (1 + _cosine(math.pi * progress)) / 2)


def _at_most_one(value: "float | Tensor") -> "float | Tensor":
    return min(value, 1.0) if isinstance(value, float) else value.clamp(max=1.0)


def _cosine(value: "float | Tensor") -> "float | Tensor":
    return math.cos(value) if isinstance(value, float) else value.cos()
