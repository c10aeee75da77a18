"""No network twice: a controller whose proposals are passed on where they are new, and replaced where they are not.

A search that has converged spends its budget on what it knows; compared with one that repeats nothing, it looks worse
than it is. Here a proposal is a repeat if a network of the same id was told, failed or not, or is in flight, for as
many epochs: a network that is trained again for longer is no repeat.

The wrapped controller is asked up to `tries` times with the same generator. If it proposes repeats alone, a random walk
of mutations begins at the last of them (up to `TRIES` steps), and after that random members of the space are drawn (up
to `TRIES`). Where all of that is known as well, as in a space that is exhausted, the repeat is proposed.

The wrapped controller is told the trials that took place, and these alone: what it is not told again is the result of a
network that it proposed a second time. Evolution, for which such a child would join the population at no cost, so keeps
the older member a little longer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from nas.arguments import Positive, checked
from nas.controllers.controller import TRIES, Controller
from nas.space import Architecture, Space
from nas.trial import Proposal, Trial


@checked
class Distinct:
    """A controller that proposes no network twice.

    Args:
        space: where to search.
        controller: what proposes.
        tries: how often it is asked for something new before its proposal is mutated.
    """

    name: ClassVar = "distinct"

    def __init__(self, space: Space, controller: Controller, *, tries: Positive = 10) -> None:
        self.space = space
        self.controller = controller
        self.tries = tries
        self._told: set[tuple[str, int | None]] = set()

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        known = self._told.union(map(_key, pending))
        for _ in range(self.tries):
            proposal = self.controller.ask(rng, pending)
            if _key(proposal) not in known:
                return proposal
        for arch in self._others(proposal.architecture, rng):
            # Weights go on where the network does; another one begins from scratch.
            other = replace(proposal, architecture=arch, parent=None)
            if _key(other) not in known:
                return other
        return proposal

    def _others(self, arch: Architecture, rng: np.random.Generator) -> Iterator[Architecture]:
        for _ in range(TRIES):
            arch = self.space.mutate(arch, rng)
            yield arch
        for _ in range(TRIES):
            yield self.space.sample(rng)

    def tell(self, trial: Trial) -> None:
        self._told.add(_key(trial.proposal))
        self.controller.tell(trial)


def _key(proposal: Proposal) -> tuple[str, int | None]:
    return proposal.architecture.id, proposal.epochs
