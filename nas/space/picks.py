"""Ways to pick options: all that mutation, crossover and enumeration differ in."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from nas.space.choice import Choice, Choices, Pick, Value

T = TypeVar("T")

Allowed = Callable[[Choice], Sequence[Value]]
"""Those options of a choice that may be picked."""


def mutation(choices: Choices, met: Sequence[Choice], rng: np.random.Generator) -> Pick | None:
    """Changes one decision; keeps the others where they are legal, and draws those that are not.

    Args:
        choices: the decisions.
        met: the same, with the options that were legal.
        rng: draws the decision, one of its other options, and whatever is decided anew.

    Returns:
        None where no decision has another legal option.
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
    """What each `mutation` allows, in the order of the decisions and of their options."""
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
    """Takes each decision from `a` or from `b`, with even odds; from the other where it is illegal, or else any."""
    parents = dict(a), dict(b)

    def pick(choice: Choice) -> Value:
        first = int(rng.integers(2))
        for parent in (parents[first], parents[1 - first]):
            if choice.name in parent and parent[choice.name] in choice.options:
                return parent[choice.name]
        return choice.draw(rng)

    return pick


def every_walk(walk: Callable[[Pick], T], allowed: Allowed) -> Iterator[T]:
    """The result of every walk that keeps to the options `allowed`: an odometer over the decisions of the last walk."""
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
