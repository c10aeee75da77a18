"""Choices: decisions, their options, and functions that pick one."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from nas.ops import Cost

Value = str | int | float | bool | None
"""An option of a choice: a plain value, or the label of a layer or of a list of layers."""

Choices = tuple[tuple[str, Value], ...]
"""(name, value) of decisions, in the order of the walk."""


@dataclass(frozen=True)
class Choice:
    """A decision met during a walk.

    Attributes:
        name: its path in the space file, unique within the space.
        options: the legal options: each leads to at least one complete architecture.
        weigh: counts the architectures below each option; called on the first access to `weights`.
    """

    name: str
    options: tuple[Value, ...]
    weigh: Callable[[], tuple[int, ...]] = field(repr=False, compare=False)

    @cached_property
    def weights(self) -> tuple[int, ...]:
        """The number of architectures below each option."""
        return self.weigh()

    @cached_property
    def _cumulative(self) -> tuple[float, ...]:
        total = sum(self.weights)
        return tuple(part / total for part in accumulate(self.weights))

    def draw(self, rng: np.random.Generator) -> Value:
        """A random option, with the probabilities that make all architectures of the space equally likely."""
        return self.options[self.draw_index(rng)]

    def draw_index(self, rng: np.random.Generator) -> int:
        """The index of a random option, likewise."""
        last = len(self.options) - 1
        return min(bisect_right(self._cumulative, rng.random()), last) if last else 0


Pick = Callable[[Choice], Value]
"""Picks one of the options of a choice. Sampling, mutation, policies and replay differ only in this function."""


class Outline(NamedTuple):
    """The decisions of an architecture, as in `Architecture.choices`, and its cost."""

    choices: Choices
    cost: Cost
