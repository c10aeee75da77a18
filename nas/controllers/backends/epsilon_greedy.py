"""ε-greedy behaviour, as of `q_learning` and `dqn`."""

from collections.abc import Callable

import numpy as np

from nas.controllers.controller import Decided
from nas.space import Architecture, Choice, Space, Value


def act(
    space: Space, epsilon: float, greedy: Callable[[Choice, Decided], Value], rng: np.random.Generator
) -> Architecture:
    """An architecture, each of whose decisions is random with probability `epsilon`, and else greedy.

    Args:
        space: the space of the architecture.
        epsilon: ε in [0, 1].
        greedy: the preferred option of a decision, after the decisions so far.
        rng: the source of randomness.
    """
    decided: list[tuple[str, Value]] = []

    def pick(choice: Choice) -> Value:
        options = choice.options
        if len(options) == 1:
            value = options[0]
        elif rng.random() < epsilon:
            value = options[int(rng.random() * len(options))]
        else:
            value = greedy(choice, decided)
        decided.append((choice.name, value))
        return value

    return space.walk(pick)
