"""Exhaustive search: every network of the space, one after another, deterministically.

`order: file` follows `iter(space)`: the order of the options in the file, the last decision changing fastest. A search
that stops early has then seen one end of the space.

`order: spread` visits the same list with a stride: the n-th member is number n·a mod N of N, where a is the integer
nearest to N/φ (φ the golden ratio) that is coprime to N. Each member is visited once, and after any number of trials
the visited ones are spread evenly over the list (an additive recurrence; Niederreiter 1992, "Random Number Generation
and Quasi-Monte Carlo Methods", chapter 3): every option of an early decision is tried about as often as its share of
the space. A member is found from its number by one walk, which subtracts the number of members below each option.

A network with several representations is visited once. After the last network the sequence starts again. The proposal
is a function of its index in the sequence (trials told + trials pending); scores are not used. Members that were found
are cached, and depend on the space only.
"""

from collections.abc import Iterator, Sequence
from math import gcd
from typing import ClassVar, Literal

import numpy as np

from nas.arguments import checked
from nas.errors import SizeUnknown, UsageError
from nas.space import Architecture, Choice, Space, Value
from nas.trial import Proposal, Trial

REPEATS = 1000
"""Maximal number of consecutive repetitions that are skipped: a bound on the work of one proposal in a space with many
representations of few networks."""


@checked
class Grid:
    """Proposes every network of the space once.

    Args:
        space: where to search.
        order: `spread` evenly over the space, or as in the `file`.

    Raises:
        UsageError: `order: spread` in a space whose size is not known exactly.
    """

    name: ClassVar = "grid"

    def __init__(self, space: Space, *, order: Literal["spread", "file"] = "spread") -> None:
        self.space = space
        self.order = order
        self._told = 0
        self._found: list[Architecture] = []
        self._ids: set[str] = set()
        self._ahead = iter(space) if order == "file" else self._spread(_size(space))

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        flying = {proposal.architecture.id for proposal in pending}
        first = self._told + len(pending)
        arch = self._at(first)
        for place in range(first + 1, first + 1 + len(flying)):
            if arch.id not in flying:
                break
            arch = self._at(place)
        return Proposal(arch)

    def tell(self, trial: Trial) -> None:
        self._told += 1

    def _at(self, place: int) -> Architecture:
        """The network at a place in the infinite sequence."""
        while place >= len(self._found):
            arch = self._next()
            if arch is None:
                return self._found[place % len(self._found)]
            self._found.append(arch)
            self._ids.add(arch.id)
        return self._found[place]

    def _next(self) -> Architecture | None:
        """The next new member, or the last of many repeats; None at the end."""
        arch = None
        for _ in range(REPEATS):
            arch = next(self._ahead, None)
            if arch is None or arch.id not in self._ids:
                break
        return arch

    def _spread(self, size: int) -> Iterator[Architecture]:
        step = stride(size)
        return (member(self.space, place * step % size) for place in range(size))


def member(space: Space, number: int) -> Architecture:
    """The member of this number, from 0, in the order of `iter(space)`; the size of the space is known exactly."""

    def pick(choice: Choice) -> Value:
        nonlocal number
        for option, below in zip(choice.options, choice.weights, strict=True):
            if number < below:
                return option
            number -= below
        raise UsageError(f"{choice.name}: there is no member with this number")

    return space.walk(pick)


def stride(size: int) -> int:
    """The integer nearest to `size` / φ that is coprime to `size`."""
    golden = size * 618_033_988_749_894_848 // 10**18
    return next(
        candidate
        for away in range(size + 1)
        for candidate in (golden + away, golden - away)
        if candidate >= 1 and gcd(candidate, size) == 1
    )


def _size(space: Space) -> int:
    try:
        return space.size
    except SizeUnknown as error:
        raise UsageError(
            f"order: spread needs the exact size of the space, which is {error}; use order: file"
        ) from error
