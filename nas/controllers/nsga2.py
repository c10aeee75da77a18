"""NSGA-II: Deb, Pratap, Agarwal & Meyarivan, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", IEEE
Transactions on Evolutionary Computation 6(2), 2002.

All scores of a trial count. Of two members, the one in the better front of the non-dominated sort (section III-A) is
preferred, and within a front the one with the larger crowding distance (section III-B): the crowded comparison. Parents
are chosen by binary tournaments, and of `population` parents and as many children the best `population` survive
(section III-C, the main loop). With one objective, a front consists of the members with equal scores, and this is a (μ
+ λ) genetic algorithm.

Generations follow from the trials told: the first `population` successful trials are the first parents, and after every
further `population` of them the parents are selected again. With pending trials, children have the parents known at
that time, so some trials of a generation are children of the previous one.

Deviations: decisions are categorical, so simulated binary crossover becomes uniform crossover (`Space.cross`), and a
mutation, which the paper applies to each variable with probability 1/n, changes one decision. If a child is known
already, another one is bred, up to `TRIES` times, and then a random architecture is proposed. Failed trials join
nothing.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nas.arguments import Fraction, checked
from nas.controllers.controller import draw_other
from nas.objectives import fronts
from nas.space import Architecture, Space
from nas.trial import Proposal, Trial

TRIES = 20
"""Maximal number of children bred to find a new network."""


class Member(NamedTuple):
    """An architecture and its scores, the index of its front, and its crowding distance there."""

    architecture: Architecture
    scores: tuple[float, ...]
    front: int = 0
    crowding: float = 0.0

    @property
    def rank(self) -> tuple[float, float]:
        """The key of the crowded comparison: greater is preferred."""
        return -self.front, self.crowding


@checked
class NSGA2:
    """The elitist genetic algorithm for several objectives.

    Args:
        space: where to search.
        population: N, parents, and children of a generation (the paper's 100, for 25,000 evaluations).
        crossover: probability that a child has two parents instead of one (the paper's 0.9).
        mutation: probability that a decision is changed in a child of two parents; in a child of one parent it always
            is. (With the paper's 1/n for each of n decisions, none changes with probability 1/e.)
    """

    name: ClassVar = "nsga2"
    all_objectives: ClassVar = True
    """It uses all scores of a trial; controllers without this attribute use the first."""

    def __init__(
        self,
        space: Space,
        *,
        population: Annotated[int, Field(ge=2)] = 20,
        crossover: Fraction = 0.9,
        mutation: Fraction = 0.6,
    ) -> None:
        self.space = space
        self.population = population
        self.crossover = crossover
        self.mutation = mutation
        self._known: set[str] = set()
        self._parents: list[Member] = []
        self._children: list[Member] = []

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        def draw() -> Architecture:
            return self._child(rng) if self._parents else self.space.sample(rng)

        return Proposal(draw_other(draw, self.space, rng, pending, tries=3))

    def _child(self, rng: np.random.Generator) -> Architecture:
        for _ in range(TRIES):
            child = self._breed(rng)
            if child.id not in self._known:
                return child
        return self.space.sample(rng)

    def _breed(self, rng: np.random.Generator) -> Architecture:
        child = self._tournament(rng)
        crossed = rng.random() < self.crossover
        if crossed:
            child = self.space.cross(child, self._tournament(rng), rng)
        if not crossed or rng.random() < self.mutation:
            child = self.space.mutate(child, rng)
        return child

    def _tournament(self, rng: np.random.Generator) -> Architecture:
        drawn = [self._parents[place] for place in rng.choice(len(self._parents), size=2, replace=False)]
        best: Member = max(drawn, key=lambda member: member.rank)
        return best.architecture

    def tell(self, trial: Trial) -> None:
        self._known.add(trial.architecture.id)
        if trial.scores is None:
            return
        self._children.append(Member(trial.architecture, trial.scores))
        if len(self._children) == self.population:
            self._parents = select(self._parents + self._children, self.population)
            self._children = []

    def front(self) -> list[Member]:
        """The non-dominated members among parents and children."""
        members = self._parents + self._children
        return [members[place] for place in sorted(next(fronts([member.scores for member in members]), ()))]


def select(members: Sequence[Member], count: int) -> list[Member]:
    """The `count` best members by the crowded comparison, with their fronts and crowding distances."""
    chosen: list[Member] = []
    for number, places in enumerate(map(sorted, fronts([member.scores for member in members]))):
        distances = crowding_distances([members[place].scores for place in places])
        front = [
            members[place]._replace(front=number, crowding=float(distance))
            for place, distance in zip(places, distances, strict=True)
        ]
        chosen += sorted(front, key=lambda member: -member.crowding)
        if len(chosen) >= count:
            break
    return chosen[:count]


def crowding_distances(scores: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """The distance between the neighbours of each member of a front, summed over the objectives (section III-B).

    Infinite for the extreme members of an objective.

    Args:
        scores: `(N, M)`: of N members on M objectives.

    Returns:
        Shape `(N,)`.
    """
    values = np.asarray(scores, dtype=np.float64)
    distances = np.zeros(len(values))
    for column in values.T:
        order = np.argsort(column, kind="stable")
        spread = column[order[-1]] - column[order[0]]
        if spread > 0:
            distances[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / spread
        distances[order[[0, -1]]] = np.inf
    return distances
