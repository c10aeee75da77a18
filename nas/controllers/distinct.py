"""A wrapper that passes on new proposals and replaces repeated ones.

A converged search spends its budget on known networks, and therefore appears worse than a search without repetitions. A
proposal is a repetition if its network (id) was told, failed or not, or is pending, with the same number of epochs; a
longer training of a known network is not.

The wrapped controller is asked up to `tries` times with the same generator. If all its proposals are repetitions, a
random walk of mutations starts from the last one (up to `TRIES` steps), and then random members of the space are drawn
(up to `TRIES`). If all of these are known as well, as in an exhausted space, the repetition is proposed.

The wrapped controller is told only the trials that took place: it does not see a second result of a network that it
proposed twice. In evolution, such a child would join the population at no cost; here, the oldest member lives slightly
longer instead.
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
    """A controller that does not propose a network twice.

    Args:
        space: where to search.
        controller: the controller that proposes.
        tries: how often it is asked for a new network before its proposal is mutated.
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
            # Another network does not continue the training of the parent.
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
