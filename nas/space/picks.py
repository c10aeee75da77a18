"""The ways in which mutation, crossover and enumeration pick options."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from nas.space.choice import Choice, Choices, Pick, Value

T = TypeVar("T")

Allowed = Callable[[Choice], Sequence[Value]]
"""The options of a choice that may be picked."""


def mutation(choices: Choices, met: Sequence[Choice], rng: np.random.Generator) -> Pick | None:
    """Changes one decision; keeps the others while they are legal, and draws the rest.

    Args:
        choices: the decisions.
        met: the same decisions, with the options that were legal.
        rng: draws the decision to change, one of its other options, and new decisions.

    Returns:
        The pick; None if no decision has another legal option.
    """
    open_ = [choice for choice in met if len(choice.options) > 1]
    if not open_:
        return None
    old = dict(choices)
    target = open_[rng.integers(len(open_))]
    others = [option for option in target.options if option != old[target.name]]
    changed = others[rng.integers(len(others))]

    def pick(choice: Choice) -> Value:
        if choice.name == target.name:
            return changed
        kept = old.get(choice.name)
        return kept if choice.name in old and kept in choice.options else choice.draw(rng)

    return pick


def mutations(choices: Choices, met: Sequence[Choice]) -> Iterator[Allowed]:
    """The options allowed by each possible `mutation`, in the order of decisions and options."""
    old = dict(choices)
    for target in met:
        for changed in target.options:
            if changed == old[target.name]:
                continue

            def allowed(choice: Choice, target: Choice = target, changed: Value = changed) -> Sequence[Value]:
                if choice.name == target.name:
                    return (changed,)
                kept = old.get(choice.name)
                return (kept,) if choice.name in old and kept in choice.options else choice.options

            yield allowed


def crossover(a: Choices, b: Choices, rng: np.random.Generator) -> Pick:
    """Takes each decision from `a` or `b` with equal probability; if illegal, from the other one, or else at random."""
    parents = dict(a), dict(b)

    def pick(choice: Choice) -> Value:
        first = int(rng.integers(2))
        for parent in (parents[first], parents[1 - first]):
            if choice.name in parent and parent[choice.name] in choice.options:
                return parent[choice.name]
        return choice.draw(rng)

    return pick


def every_walk(walk: Callable[[Pick], T], allowed: Allowed) -> Iterator[T]:
    """The results of all walks within the options `allowed`, as an odometer over the decisions of the last walk."""
    wheels: list[tuple[Sequence[Value], int]] = []
    place = 0

    def pick(choice: Choice) -> Value:
        nonlocal place
        if place == len(wheels):
            wheels.append((allowed(choice), 0))
        options, index = wheels[place]
        place += 1
        return options[index]

    while True:
        place = 0
        yield walk(pick)
        while wheels and wheels[-1][1] + 1 == len(wheels[-1][0]):
            wheels.pop()
        if not wheels:
            return
        options, index = wheels.pop()
        wheels.append((options, index + 1))
