"""Architectures that show what a space can hold, for checks before the first training."""

from collections.abc import Iterator

import numpy as np

from nas.space.architecture import Architecture
from nas.space.choice import Choice, Value
from nas.space.space import Space

MOST = 200
"""Architectures that `cover` gives at the most."""
PATIENCE = 100
"""Walks without an option that is new, after which it ends."""


def cover(space: Space) -> Iterator[Architecture]:
    """Architectures that together take every option of every decision, as far as `MOST` of them do.

    Each walk takes an option that no earlier walk took, where there is one. Elsewhere it draws: uniformly over the
    options in one walk, uniformly over architectures in the next. An architecture without a new option is left out, and
    `PATIENCE` of these in a row are the end: an option that limits leave to very few architectures may be missed. The
    same space gives the same architectures.

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
