"""The family of `successive_halving`, `hyperband` and `asha`: controllers that train many networks for a few epochs and
few networks for many.

The wrapped controller proposes networks, and each is first trained to the lowest *level*, a number of epochs. The
*schedule*, the part that a member of the family supplies, promotes the better ones: their training continues to the
next level, and at the last level it is the evaluator's full training.

The wrapped controller is asked for new networks only, and told one trial for each: its result at the lowest level,
where all networks are comparable. (BOHB, Falkner, Klein & Hutter 2018, fits its model to the highest level with enough
results, since it needs no result of a proposal that stops early. Other controllers do: local search proposes a
neighbour until it is told the result, and ε-greedy learning counts results.) To the wrapped controller the search looks
like one without levels: its trials are numbered from 0, and no proposal has epochs. It is not told what others, such as
an outer controller, proposed at a higher level.
"""

import math
from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Protocol

import numpy as np
from pydantic import Field

from nas.controllers.controller import Controller
from nas.errors import UsageError
from nas.space import Architecture
from nas.trial import Proposal, Trial

Eta = Annotated[int, Field(ge=2)]
"""η: one in η networks is promoted."""

Levels = tuple[int | None, ...]
"""Epochs, ascending; the last one is None, the full training."""


def levels_of(full_epochs: int, min_epochs: int, eta: int) -> Levels:
    """`full_epochs` divided by 1, eta, eta², ... as long as that is `min_epochs` or more, rounded.

    Raises:
        UsageError: `min_epochs` is above `full_epochs`.
    """
    if min_epochs > full_epochs:
        raise UsageError(f"min_epochs must be at most {full_epochs}, the full training, got {min_epochs}")
    promotions = 0
    while full_epochs >= min_epochs * eta ** (promotions + 1):
        promotions += 1
    return (*(round(full_epochs / eta**power) for power in range(promotions, 0, -1)), None)


def new_network(controller: Controller, rng: np.random.Generator, pending: Sequence[Proposal]) -> Architecture:
    """What a wrapped controller proposes, to which the search looks like one without levels.

    Raises:
        UsageError: it asks for epochs itself.
    """
    proposal = controller.ask(rng, [Proposal(one.architecture) for one in pending])
    if proposal.epochs is not None or proposal.parent is not None:
        raise UsageError("a controller that asks for epochs cannot be wrapped in another one that does")
    return proposal.architecture


class Rung:
    """The results at one level, best first. Of a network the first score counts.

    Attributes:
        told: number of trials.
    """

    def __init__(self) -> None:
        self.told = 0
        self._networks: set[str] = set()
        self._scored: set[str] = set()
        self._best: list[tuple[float, int, Trial]] = []

    @property
    def networks(self) -> int:
        """The number of different networks, including failed ones."""
        return len(self._networks)

    def add(self, trial: Trial) -> None:
        """Enters a result."""
        self.told += 1
        network = trial.architecture.id
        self._networks.add(network)
        if trial.score is not None and network not in self._scored:
            self._scored.add(network)
            insort(self._best, (-trial.score, trial.number, trial))

    def best(self, count: int) -> Sequence[Trial]:
        """The `count` best, of ties the first; fewer if fewer succeeded."""
        return [trial for _, _, trial in self._best[:count]]


class Schedule(Protocol):
    """Which networks are promoted."""

    def due(self) -> Iterator[tuple[Trial, int]]:
        """Trials to promote and the level that each is promoted to, in order; including those promoted already."""

    def enter(self, trial: Trial, level: int) -> None:
        """Learns of a trial at a level."""


class Promoting:
    """A controller that promotes what another one proposes.

    Attributes:
        controller: what proposes networks.
        levels: the epochs that they are trained for.
    """

    def __init__(self, controller: Controller, levels: Levels, schedule: Schedule) -> None:
        self.controller = controller
        self.levels = levels
        self._schedule = schedule
        self._promoted: set[int] = set()
        self._new = [0]
        """The number of new networks among the first 0, 1, 2, ... trials told."""

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        flying = {proposal.architecture.id for proposal in pending}
        promoted = self._promoted.union(proposal.parent for proposal in pending if proposal.parent is not None)
        for trial, level in self._schedule.due():
            if trial.number not in promoted and trial.architecture.id not in flying:
                return Proposal(trial.architecture, self.levels[level], parent=trial.number)
        return Proposal(new_network(self.controller, rng, pending), self.levels[0])

    def tell(self, trial: Trial) -> None:
        parent, level = trial.proposal.parent, self._level(trial.proposal)
        self._schedule.enter(trial, level)
        if parent is not None:
            self._promoted.add(parent)
        new = parent is None and level == 0
        self._new.append(self._new[-1] + new)
        if new:
            number, asked_after = self._new[-2], self._new[trial.asked_after]
            own = Proposal(trial.architecture)
            self.controller.tell(replace(trial, number=number, proposal=own, asked_after=asked_after))

    def _level(self, proposal: Proposal) -> int:
        """The highest level that a proposal reaches."""
        fidelities = [math.inf if epochs is None else epochs for epochs in self.levels]
        return max(0, bisect_right(fidelities, proposal.fidelity) - 1)
