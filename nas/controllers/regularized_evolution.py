"""Regularized (aging) evolution: Real, Aggarwal, Huang & Le, "Regularized Evolution for Image Classifier Architecture
Search", AAAI 2019, algorithm 1.

The first `population` proposals are random. After that, `tournament` members are drawn with replacement, the best of
them is mutated once, its child joins the population, and the *oldest* member leaves it, whatever its score.

Deviations: a mutation changes one decision of the space, where the paper's changes an op or an edge of a cell. Failed
trials do not join, so the population stays full in spaces where many fail. With pending trials, the random phase ends
after `population` proposals, not results.
"""

from collections import deque
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from nas.arguments import Positive, checked
from nas.controllers.controller import draw_other
from nas.space import Architecture, Space
from nas.trial import Proposal, Trial


@checked
class RegularizedEvolution:
    """Evolution in which the oldest member dies.

    Args:
        space: where to search.
        population: P, the size of the population (the paper's 100).
        tournament: S, members drawn to select a parent (the paper's 25).
    """

    name: ClassVar = "regularized_evolution"

    def __init__(self, space: Space, *, population: Positive = 100, tournament: Positive = 25) -> None:
        self.space = space
        self.population = population
        self.tournament = tournament
        self._told = 0
        self._alive: deque[tuple[float, Trial]] = deque(maxlen=population)

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        growing = self._told + len(pending) < self.population or not self._alive

        def draw() -> Architecture:
            return self.space.sample(rng) if growing else self._child(rng)

        return Proposal(draw_other(draw, self.space, rng, pending))

    def _child(self, rng: np.random.Generator) -> Architecture:
        drawn = [self._alive[i] for i in rng.integers(len(self._alive), size=self.tournament)]
        _, parent = max(drawn, key=lambda member: member[0])
        return self.space.mutate(parent.architecture, rng)

    def tell(self, trial: Trial) -> None:
        self._told += 1
        if trial.score is not None:
            self._alive.append((trial.score, trial))
