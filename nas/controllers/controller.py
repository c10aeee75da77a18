"""The protocol of controllers: `ask` returns what to evaluate next, and `tell` reports a result.

Some controllers also expose what they have learned: `Valuing` ones the values of options, `Predicting` ones the
expected scores of architectures. Reports and `nas explain` show these; no search needs them.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from nas.space import Architecture, Choice, Space, Value
from nas.trial import Proposal, Trial

TRIES = 100
"""Maximal number of draws to find an architecture that is neither known nor pending; a small space may have none."""

ValueKind = Literal["Q", "probability"]
"""The kind of the values of options: expected scores, or probabilities that sum to 1 over the options."""

Decided = Sequence[tuple[str, Value]]
"""The decisions of a walk so far: the first ones of `Architecture.choices`."""


class Controller(Protocol):
    """A search algorithm. It owns no loop, no files and no random generator.

    The state of a controller is a function of the trials that it was told, in order: a search is resumed by telling the
    stored trials again. `nas.testing.check_controller` tests all of this.

    A wrapper has the wrapped controller as its attribute `controller`, or several as `controllers`.
    """

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        """What to evaluate next. Changes no state: the same history and generator give the same proposal.

        Args:
            rng: the only source of randomness.
            pending: proposals that are being evaluated; none of them is proposed again if there is another one.
        """

    def tell(self, trial: Trial) -> None:
        """Learns from a trial. Failed trials (`scores` is None) are told as well."""


@runtime_checkable
class Valuing(Protocol):
    """A controller that assigns values to the options of a decision."""

    @property
    def value_kind(self) -> ValueKind:
        """The kind of the values."""

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        """The value of each option of `choice`, in order, after the decisions `decided`. Changes no state."""


@runtime_checkable
class Predicting(Protocol):
    """A controller that predicts scores."""

    def predict(self, arch: Architecture) -> float:
        """A number that increases with the expected score. Changes no state."""


def layers(controller: object) -> Iterator[object]:
    """A controller and all those that it wraps, at any depth; the outermost first."""
    if controller is not None:
        yield controller
        for inside in (getattr(controller, "controller", None), *getattr(controller, "controllers", ())):
            yield from layers(inside)


def draw_other(
    draw: Callable[[], Architecture],
    space: Space,
    rng: np.random.Generator,
    pending: Sequence[Proposal],
    *,
    known: Collection[str] = (),
    tries: int = TRIES,
) -> Architecture:
    """Draws architectures until one is neither pending nor known.

    After `tries` unsuccessful draws, up to `TRIES` random members of the space are drawn. If these are known as well,
    the first one that is not pending is returned, and if there is none, the last one.

    Args:
        draw: draws an architecture.
        space: the space of the architectures.
        rng: the source of randomness for random members.
        pending: the pending proposals.
        known: ids of known architectures.
        tries: maximal number of draws.
    """
    flying = {proposal.architecture.id for proposal in pending}
    if not flying and not known:
        return draw()
    found = None
    for number in range(tries + TRIES):
        arch = draw() if number < tries else space.sample(rng)
        if arch.id not in flying:
            if arch.id not in known:
                return arch
            found = found or arch
    return found or arch
