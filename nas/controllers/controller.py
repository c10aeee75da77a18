"""What every controller is: something that is asked what to try next, and told what came of it.

Some controllers can also say what they believe: `Valuing` ones of the options of a decision, `Predicting` ones of whole
architectures. Reports and `nas explain` show it; no search needs it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from nas.space import Architecture, Choice, Space, Value
from nas.trial import Proposal, Trial

TRIES = 100
"""Draws that are made to find an architecture that is new, or not in flight; in a small space there may be none."""

Decided = Sequence[tuple[str, Value]]
"""The decisions of a walk so far, as the first ones of `Architecture.choices`."""


class Controller(Protocol):
    """A search algorithm. It owns no loop, no files and no random generator.

    Everything that a controller knows follows from the trials that it was told, in the order of telling: a search is
    resumed by telling the stored trials again. `nas.testing.check_controller` holds a controller to all of this.

    What wraps a controller has it as its attribute `controller`, and what wraps several has them as `controllers`.
    """

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        """What to try next. Changes no state: the same history and generator give the same proposal.

        Args:
            rng: the only source of randomness.
            pending: proposals that are being evaluated; none of them is proposed again where there is another one.
        """

    def tell(self, trial: Trial) -> None:
        """Learns from a trial. Failed trials (`scores` is None) are told too."""


@runtime_checkable
class Valuing(Protocol):
    """A controller that values the options of a decision."""

    @property
    def value_kind(self) -> Literal["Q", "probability"]:
        """What the values are: expected scores, or probabilities that sum to 1 over the options."""

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        """The value of each option of `choice`, in their order, after the decisions `decided`. Changes no state."""


@runtime_checkable
class Predicting(Protocol):
    """A controller that predicts how good an architecture is."""

    def predict(self, arch: Architecture) -> float:
        """A number that is higher for what is expected to score higher. Changes no state."""


def layers(controller: object) -> Iterator[object]:
    """A controller, and all those that it wraps, at any depth; the outermost first."""
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
    """What `draw` draws, if need be drawn again until it is not in flight, nor one of the ids that are `known`.

    After `tries` draws in vain, up to `TRIES` random members of the space are drawn; if these are known as well, the
    first that is not in flight is given, and if there is none, any.
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
