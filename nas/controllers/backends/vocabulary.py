"""Decisions as tokens, the inputs and outputs of models.

An architecture is the sequence of its decisions, in the order of the walk. A token is a decision together with one of
its options, so every decision of the space has tokens of its own. Tokens of one *kind* stand for the same value among
the same options (`3x3` on every edge of a cell, say): models share a part of what they learn among them.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from nas.space import Choice, Value


class Sentence(NamedTuple):
    """An architecture, or the beginning of one, as numbers; its fields have one length.

    Attributes:
        decisions: the number of each decision.
        offers: the tokens that were legal there.
        taken: the index among these of the option that was taken.
    """

    decisions: tuple[int, ...]
    offers: tuple[tuple[int, ...], ...]
    taken: tuple[int, ...]


class Vocabulary:
    """The tokens of a space.

    Args:
        universe: every decision with all of its options (`Space.universe`).

    Attributes:
        kinds: the kind of each token, as a number.
    """

    def __init__(self, universe: Mapping[str, tuple[Value, ...]]) -> None:
        self.universe = universe
        self._decisions = {name: number for number, name in enumerate(universe)}
        self._tokens: dict[tuple[str, Value], int] = {}
        kinds: dict[tuple[tuple[Value, ...], Value], int] = {}
        self.kinds: list[int] = []
        for name, options in universe.items():
            for option in options:
                self._tokens[name, option] = len(self._tokens)
                self.kinds.append(kinds.setdefault((options, option), len(kinds)))

    def __len__(self) -> int:
        return len(self._tokens)

    def decision(self, name: str) -> int:
        """The number of a decision."""
        return self._decisions[name]

    def token(self, name: str, option: Value) -> int:
        """The number of an option of a decision."""
        return self._tokens[name, option]

    def offer(self, choice: Choice) -> tuple[int, ...]:
        """The tokens of the options of a choice."""
        return tuple(self._tokens[choice.name, option] for option in choice.options)

    def sentence(self, choices: Sequence[Choice], taken: Sequence[Value]) -> Sentence:
        """The options taken at a sequence of choices."""
        return Sentence(
            tuple(self._decisions[choice.name] for choice in choices),
            tuple(map(self.offer, choices)),
            tuple(choice.options.index(value) for choice, value in zip(choices, taken, strict=True)),
        )

    @cached_property
    def fingerprint(self) -> str:
        """64 hexadecimal digits (SHA-256) of the decisions and their options in order."""
        return sha256(repr(tuple(self.universe.items())).encode()).hexdigest()
