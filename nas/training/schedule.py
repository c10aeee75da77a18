"""Schedules of the learning rate, and of the momentum where it is cycled."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from nas.descent import Pace
from nas.training.recipe import Recipe, Schedule

LEAST_MOMENTUM: Final = 0.85
MOST_MOMENTUM: Final = 0.95
FIRST: Final = 1 / 25
"""The learning rate of the first step of `one_cycle`, relative to the peak."""
LAST: Final = FIRST / 1e4
"""That of its last step."""


def pace(recipe: Recipe, step: int, steps: int) -> Pace:
    """The pace of a step, from 0, of a training that takes so many `steps`. A single one is taken at the peak: it would
    be the first of a warm-up or the last of a cycle, with a learning rate at which nothing is learned. With `swa`, the
    pace stays at what it is where the averaged epochs begin, or the warm-up ends."""
    if steps == 1:
        return Pace(recipe.lr, LEAST_MOMENTUM if recipe.schedule == "one_cycle" else None)
    if recipe.swa is not None:
        step = min(step, max(steps * recipe.unaveraged // recipe.epochs, math.ceil(recipe.warmup * steps)))
    return SCHEDULES[recipe.schedule](recipe, step, steps)


def _cosine(recipe: Recipe, step: int, steps: int) -> Pace:
    """Linear warm-up, then cosine decay to 0 (Loshchilov & Hutter 2017)."""
    progress, warmup = step / steps, recipe.warmup
    if progress < warmup:
        return Pace(recipe.lr * ((progress + 1e-3) / (warmup + 1e-3)))
    return Pace(recipe.lr * (0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))))


def _one_cycle(recipe: Recipe, step: int, steps: int) -> Pace:
    """The 1cycle policy (Smith & Topin 2019), with the defaults of torch's `OneCycleLR`.

    Over the warm-up, the learning rate rises from 1/25 of the peak, and momentum falls from 0.95 to 0.85; then the
    learning rate falls to 1/250,000, and momentum rises again. Both follow half a cosine.
    """
    peak = recipe.warmup * steps - 1
    if step <= peak and peak > 0:
        share, low = step / peak, FIRST
    else:
        share, low = (steps - 1 - step) / (steps - 1 - peak), LAST
    risen = 0.5 * (1 - math.cos(math.pi * share))
    momentum = MOST_MOMENTUM + (LEAST_MOMENTUM - MOST_MOMENTUM) * risen
    return Pace(recipe.lr * (low + (1 - low) * risen), momentum)


SCHEDULES: Mapping[Schedule, Callable[[Recipe, int, int], Pace]] = MappingProxyType(
    {"cosine": _cosine, "one_cycle": _one_cycle}
)
"""The table of schedules."""
