"""What a space holds: how many architectures, with which options, and what a uniform sample of them costs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nas.ops import Cost
from nas.space.architecture import Architecture, Value

if TYPE_CHECKING:
    from nas.space.space import Choice, Outline, Space

SAMPLES = 1000

MAX_DECISIONS = 100_000
"""Decisions (a second or two) after which no more is drawn, unless it is said how much is: walks may have thousands."""

ROUNDED = 4
"""For so many a decision counts where counts are rounded, which then are looked up for each walk."""

FEWEST = 10
"""Architectures that are drawn however many decisions they take."""

QUANTILES: Mapping[str, float] = {"min": 0, "q25": 0.25, "median": 0.5, "q75": 0.75, "max": 1}


class Drawn(NamedTuple):
    """A uniform sample, and for how many architectures of the space one of them stands, by each of them."""

    outlines: "tuple[Outline, ...]"
    sizes: tuple[Fraction, ...]

    def estimate(self) -> tuple[int, int]:
        """The number of architectures, and its standard error.

        One that was drawn with probability p stands for 1 / p of its kind (Knuth 1975, "Estimating the efficiency of
        backtrack programs"), so that the estimate is right on average however rough the counts are.
        """
        count = len(self.sizes)
        mean = sum(self.sizes) / count
        return round(mean), math.isqrt(round(sum((one - mean) ** 2 for one in self.sizes) / count**2))


def draw(space: "Space", rng: np.random.Generator, samples: int | None = None) -> Drawn:
    """Draws `samples` architectures; None: `SAMPLES`, or fewer where walks are long (`MAX_DECISIONS`)."""
    outlines: list[Outline] = []
    sizes: list[Fraction] = []
    decisions, weight = 0, ROUNDED if space.counted is None else 1
    while len(outlines) < (SAMPLES if samples is None else samples):
        if samples is None and decisions >= MAX_DECISIONS and len(outlines) >= FEWEST:
            break
        picker = _Picker(rng)
        outline = space.outline(picker)
        outlines.append(outline)
        sizes.append(picker.size)
        decisions += weight * len(outline.choices)
    return Drawn(tuple(outlines), tuple(sizes))


class _Picker:
    """Draws uniformly, and multiplies by what one option of how many is taken."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._first = self._behind = 1
        self._ratio = 0.0

    def __call__(self, choice: "Choice") -> Value:
        value = choice.draw(self._rng)
        if len(choice.options) > 1:
            # What lies behind an option is counted again at the next decision, and more or less equal.
            here = sum(choice.weights)
            if self._ratio:
                self._ratio *= here / self._behind
            else:
                self._first, self._ratio = here, 1.0
            self._behind = choice.weights[choice.options.index(value)]
        return value

    @property
    def size(self) -> Fraction:
        """For how many architectures the one that was drawn stands."""
        return self._first * Fraction(self._ratio or 1) / self._behind


def size_note(drawn: Drawn) -> str:
    """`too large to count under its limits; estimated 1.2e+21 ± 3e+19`."""
    size, error = drawn.estimate()
    # Decimal, because a size may be beyond the range of float.
    return f"too large to count under its limits; estimated {Decimal(size):.4g} ± {Decimal(error):.2g}"


@dataclass(frozen=True)
class Survey:
    """What `nas describe` tells of a space.

    Attributes:
        space: the space.
        size: the exact number of architectures; None where limits make counting too costly.
        size_note: `exact`, or an estimate.
        choices: of each decision the options that some architecture takes.
        unreached: of each decision the options that none takes.
        outlines: a uniform sample.
        example: the first of it.
    """

    space: "Space"
    size: int | None
    size_note: str
    choices: Mapping[str, tuple[Value, ...]]
    unreached: Mapping[str, tuple[Value, ...]]
    outlines: "tuple[Outline, ...]"
    example: Architecture

    @cached_property
    def costs(self) -> Mapping[str, list[int]]:
        """Parameters and MACs of the sample."""
        columns = zip(*(outline.cost for outline in self.outlines), strict=True)
        return dict(zip(Cost._fields, map(list, columns), strict=True))

    def quantiles(self, name: str) -> dict[str, int]:
        """`QUANTILES` of a cost, each the value of a sample."""
        values = np.quantile(np.array(self.costs[name]), list(QUANTILES.values()), method="nearest")
        return dict(zip(QUANTILES, map(int, values), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        space = self.space
        return {
            "name": space.name,
            "input": list(space.input),
            "output": None if space.output is None else list(space.output),
            "size": self.size,
            "size_note": self.size_note,
            "choices": {name: list(options) for name, options in self.choices.items()},
            "unreached": {name: list(options) for name, options in self.unreached.items()},
            "samples": len(self.outlines),
            **{name: self.quantiles(name) for name in Cost._fields},
        }


def survey(space: "Space", *, samples: int | None = None, seed: int = 0) -> Survey:
    """Looks at a space, and at `samples` architectures drawn with this seed (see `draw`)."""
    size = space.counted
    drawn = draw(space, np.random.default_rng(seed), samples)
    choices, unreached = {}, {}
    for name, options in space.universe.items():
        taken = space.reached[name]
        if taken:
            choices[name] = taken
        if len(taken) < len(options):
            unreached[name] = tuple(option for option in options if option not in taken)
    note = "exact" if size is not None else size_note(drawn)
    example = space.rebuild(dict(drawn.outlines[0].choices))
    return Survey(space, size, note, choices, unreached, drawn.outlines, example)
