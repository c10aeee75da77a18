"""Architectures that cover the options of a space, for checks before the first training."""

from collections.abc import Iterator

import numpy as np

from nas.space.architecture import Architecture
from nas.space.choice import Choice, Value
from nas.space.space import Space

MOST = 200
"""The maximum number of architectures that `cover` yields."""
PATIENCE = 100
"""Consecutive walks without a new option after which it ends."""


def cover(space: Space) -> Iterator[Architecture]:
    """At most `MOST` architectures that together take, as far as possible, all options of all decisions.

    Each walk takes options that no earlier walk took, where there are any. Other decisions are random: uniform over the
    options in one walk, uniform over architectures in the next. Architectures without a new option are skipped, and
    after `PATIENCE` of these in a row the search ends. It may therefore miss options that limits leave to very few
    architectures. The same space gives the same architectures.

    Raises:
        SpecError: no architecture fits the shapes or the limits.
    """
    rng = np.random.default_rng(0)
    taken: set[tuple[str, Value]] = set()

    def pick(choice: Choice) -> Value:
        new = next((option for option in choice.options if (choice.name, option) not in taken), None)
        if new is not None:
            return new
        return choice.draw(rng) if idle % 2 else choice.options[rng.integers(len(choice.options))]

    given = idle = 0
    while given < MOST and idle < PATIENCE:
        arch = space.walk(pick)
        if not given or not taken.issuperset(arch.choices):
            yield arch
            given, idle = given + 1, 0
        else:
            idle += 1
        taken.update(arch.choices)
