"""Prioritised experience replay: Schaul, Quan, Antonoglou & Silver, ICLR 2016, the proportional variant.

Decisions are sampled by their last TD error δ, and importance-sampling weights correct the bias of that in the loss:

    P(i) = p_i^α / Σ p_k^α  with p_i = |δ_i| + ε                                                            (eq. 1)
    w_i = (N P(i))^-β / max w                                                                         (section 3.4)

Deviations: nothing is forgotten, β is constant, and max w is over the batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.controllers.backends.scores import Floats

LEAST_PRIORITY = 1e-3
"""ε: decisions without error are sampled now and then as well."""


@dataclass(frozen=True)
class Step:
    """A decision of a trial. E is the length of `Space.encode`.

    Attributes:
        state: `(E,)` the decisions before it, encoded.
        legal: `(E,)` which columns are its options.
        action: column of the option that was taken.
        left: how many decisions followed.
        trial: how many trials had been told before this one.
    """

    state: NDArray[np.float32]
    legal: NDArray[np.bool_]
    action: int
    left: int
    trial: int


class Replay:
    """A replay memory.

    Args:
        alpha: α in [0, 1]; 0 samples uniformly.
        beta: β in [0, 1]; 1 corrects the bias completely.

    Attributes:
        steps: all decisions, in the order in which they were added.
    """

    def __init__(self, *, alpha: float, beta: float) -> None:
        self.steps: list[Step] = []
        self._alpha = alpha
        self._beta = beta
        self._priorities: Floats = np.zeros(0)

    def add(self, steps: Sequence[Step]) -> None:
        """Adds decisions, with the highest priority of all so far (1 in an empty memory)."""
        self.steps += steps
        self._priorities = np.append(self._priorities, np.full(len(steps), self._priorities.max(initial=1.0)))

    def sample(self, size: int, rng: np.random.Generator) -> tuple[NDArray[np.intp], Floats]:
        """The places of `size` decisions, drawn with replacement, and the weight of each in the loss, `(size,)`."""
        chances = probabilities(self._priorities, self._alpha)
        last = len(self.steps) - 1
        places = np.minimum(chances.cumsum().searchsorted(rng.random(size)), last)
        return places, corrections(chances[places], len(self.steps), self._beta)

    def set_errors(self, places: NDArray[np.intp], errors: NDArray[Any]) -> None:
        """Sets the priorities of some decisions by their TD errors."""
        self._priorities[places] = np.abs(errors) + LEAST_PRIORITY


def probabilities(priorities: Floats, alpha: float) -> Floats:
    """P(i) of equation 1."""
    powers = priorities**alpha
    return np.asarray(powers / powers.sum())


def corrections(chances: Floats, size: int, beta: float) -> Floats:
    """w_i of a batch sampled with the probabilities `chances` from `size` decisions."""
    unscaled = (size * chances) ** -beta
    return np.asarray(unscaled / unscaled.max())
