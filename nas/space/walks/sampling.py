"""Uniform samples of a space, and estimates of its size."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from nas.space.choice import Choice, Outline, Pick, Value

SAMPLES = 1000

MAX_DECISIONS = 100_000
"""Decisions (a second or two) after which sampling stops, unless a number of samples is given."""

ROUNDED = 4
"""The weight of a decision if counts are rounded, since they are then looked up for each walk."""

FEWEST = 10
"""The minimum number of samples, however long the walks."""


class Drawn(NamedTuple):
    """A uniform sample, and the size of the space as estimated by each of its architectures."""

    outlines: tuple[Outline, ...]
    sizes: tuple[Fraction, ...]

    def estimate(self) -> tuple[int, int]:
        """The number of architectures, and its standard error.

        An architecture that was drawn with probability p estimates the size as 1 / p (Knuth 1975, "Estimating the
        efficiency of backtrack programs"). The estimate is unbiased, however rough the counts.
        """
        count = len(self.sizes)
        mean = sum(self.sizes) / count
        return round(mean), math.isqrt(round(sum((one - mean) ** 2 for one in self.sizes) / count**2))


def draw(
    outline: Callable[[Pick], Outline], rng: np.random.Generator, samples: int | None = None, *, exact: bool
) -> Drawn:
    """Draws architectures.

    Args:
        outline: walks through the space.
        rng: the source of randomness.
        samples: number of architectures; None: `SAMPLES`, or fewer if walks are long (`MAX_DECISIONS`).
        exact: whether the weights of choices are exact counts.
    """
    outlines: list[Outline] = []
    sizes: list[Fraction] = []
    decisions, weight = 0, 1 if exact else ROUNDED
    while len(outlines) < (SAMPLES if samples is None else samples):
        if samples is None and decisions >= MAX_DECISIONS and len(outlines) >= FEWEST:
            break
        picker = _Picker(rng)
        drawn = outline(picker)
        outlines.append(drawn)
        sizes.append(picker.size)
        decisions += weight * len(drawn.choices)
    return Drawn(tuple(outlines), tuple(sizes))


class _Picker:
    """Draws uniformly, and multiplies the inverse probabilities of the options."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._first = self._behind = 1
        self._ratio = 0.0

    def __call__(self, choice: Choice) -> Value:
        value = choice.draw(self._rng)
        if len(choice.options) > 1:
            # The weight of an option and the total at the next decision are about equal.
            here = sum(choice.weights)
            if self._ratio:
                self._ratio *= here / self._behind
            else:
                self._first, self._ratio = here, 1.0
            self._behind = choice.weights[choice.options.index(value)]
        return value

    @property
    def size(self) -> Fraction:
        """The inverse of the probability of the walk."""
        return self._first * Fraction(self._ratio or 1) / self._behind


def estimated(drawn: Drawn) -> str:
    """`too large to count under its limits; estimated 1.2e+21 ± 3e+19`."""
    size, error = drawn.estimate()
    # Decimal, since sizes may exceed the range of float.
    return f"too large to count under its limits; estimated {Decimal(size):.4g} ± {Decimal(error):.2g}"
