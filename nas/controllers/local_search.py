"""Local search: White, Nolen & Savani, "Exploring the Loss Landscape in Neural Architecture Search", UAI 2021
(arXiv:2005.02960), section 3: hill climbing.

The best of `initial` random architectures is the first centre. Its neighbours are evaluated in random order. The search
moves to the first neighbour that is better than the centre (the paper's variant "query until lower", and the default of
the authors' later code), or with `improvement: best` to the best neighbour once all are evaluated (the paper's simplest
form). If no neighbour is better, the centre is a local optimum, and the search restarts at random.

A neighbour differs from the centre in one decision; the other decisions stay, and decisions that the change opens or
makes illegal are drawn. A centre thus has as many neighbours as there are alternatives to its decisions, regardless of
the number of architectures below an early one. If no change opens a decision, these are all of `Space.neighbours`.

Deviations: known networks, from this climb or an earlier one, are not proposed again, but their scores count: a climb
that reaches an earlier one follows it at no cost, to the known optimum. (The authors' code skips them.) Equal scores
are no improvement. The search never moves to a failed trial. The order of the neighbours, and the decisions drawn for
them, follow from the seed of the trial that was told last when the search moved. While all remaining neighbours are
pending, proposals are random architectures; the search moves to one that is better than the centre, as to a neighbour.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from nas.arguments import Positive, checked
from nas.controllers.controller import draw_other
from nas.space import Architecture, Choice, Space, Value
from nas.trial import Proposal, Trial


class _Point(NamedTuple):
    score: float
    architecture: Architecture


class _Neighbours:
    """The neighbours of a centre in the order of evaluation, each made on first use."""

    def __init__(self, space: Space, centre: _Point, seed: int) -> None:
        arch = centre.architecture
        changes = [
            (name, option)
            for choice, (name, value) in zip(space.choices_of(arch), arch.choices, strict=True)
            for option in choice.options
            if option != value
        ]
        self.centre = centre
        self._space = space
        self._seed = seed
        self._changes: list[tuple[str, Value]] = [
            changes[index] for index in np.random.default_rng(seed).permutation(len(changes))
        ]
        self._made: dict[int, Architecture] = {}

    def __len__(self) -> int:
        return len(self._changes)

    def __getitem__(self, place: int) -> Architecture:
        if place not in self._made:
            self._made[place] = self._make(place)
        return self._made[place]

    def _make(self, place: int) -> Architecture:
        target, changed = self._changes[place]
        old = dict(self.centre.architecture.choices)
        rng = np.random.default_rng([self._seed, place])

        def pick(choice: Choice) -> Value:
            if choice.name == target:
                return changed
            if choice.name in old and old[choice.name] in choice.options:
                return old[choice.name]
            return choice.draw(rng)

        return self._space.walk(pick)


@checked
class LocalSearch:
    """Hill climbing with random restarts.

    Args:
        space: where to search.
        initial: random architectures at the start and at each restart; the search moves to the best of them.
        improvement: move to the `first` neighbour that is better, or to the `best` once all are evaluated.
    """

    name: ClassVar = "local_search"

    def __init__(self, space: Space, *, initial: Positive = 1, improvement: Literal["first", "best"] = "first") -> None:
        self.space = space
        self.initial = initial
        self.improvement = improvement
        self._known: dict[str, float | None] = {}
        # Since the last restart: how many random architectures succeeded, the best point, and where the search stands.
        self._drawn = 0
        self._best: _Point | None = None
        self._around: _Neighbours | None = None
        self._place = 0
        """All neighbours before this place are known."""

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        flying = {proposal.architecture.id for proposal in pending}
        if self._around is not None:
            for place in range(self._place, len(self._around)):
                arch = self._around[place]
                if arch.id not in self._known and arch.id not in flying:
                    return Proposal(arch)
        return Proposal(draw_other(lambda: self.space.sample(rng), self.space, rng, pending, known=self._known))

    def tell(self, trial: Trial) -> None:
        self._known.setdefault(trial.architecture.id, trial.score)
        self._found(trial.architecture, trial.score)
        if self._around is None:
            self._drawn += trial.score is not None
            if self._drawn >= self.initial and self._best is not None:
                self._move(self._best, trial.seed)
        while self._around is not None and self._best is not None:
            # Skips known neighbours, and moves as far as they allow.
            better = self._best.score > self._around.centre.score
            if self._place < len(self._around) and not (better and self.improvement == "first"):
                arch = self._around[self._place]
                if arch.id not in self._known:
                    break
                self._found(arch, self._known[arch.id])
                self._place += 1
            elif better:
                self._move(self._best, trial.seed)
            else:
                self._drawn, self._best, self._around = 0, None, None

    def _found(self, arch: Architecture, score: float | None) -> None:
        if score is not None and (self._best is None or score > self._best.score):
            self._best = _Point(score, arch)

    def _move(self, centre: _Point, seed: int) -> None:
        self._around, self._place = _Neighbours(self.space, centre, seed), 0
