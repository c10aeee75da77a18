"""What searches by a model of the scores have in common: a plan that is made anew after every few trials.

The first `initial` proposals are random. After that a plan is made of the trials told so far, again whenever `size`
more have been told, and proposals are the architectures of its queue, in order, less those that are known or in flight.

A plan is made when it is first needed, from the trials told up to the last multiple of `size` and from the seed of the
last of these. So it follows from the history alone, and telling a stored history makes no plan but the last.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.controllers.controller import TRIES, draw_other
from nas.errors import UsageError
from nas.space import Architecture, Space
from nas.trial import Proposal, Trial


class Examples(NamedTuple):
    """What a model learns from: each network once, and the mean of its scores, shape `(N,)`.

    A network that only failed has the worst score of all.
    """

    architectures: tuple[Architecture, ...]
    scores: NDArray[np.float64]

    def best(self, count: int) -> list[Architecture]:
        """The `count` best architectures, best first, of equal ones the first."""
        order = np.argsort(-self.scores, kind="stable")[:count]
        return [self.architectures[place] for place in order]


class Plan(NamedTuple):
    """Architectures in the order in which they are to be proposed, and what the model expects of any architecture."""

    queue: Sequence[Architecture]
    predict: Callable[[Architecture], float]


MakePlan = Callable[[Examples, np.random.Generator], Plan]


class Batches:
    """Proposals in batches, each of which follows a plan of its own.

    Args:
        space: where to search.
        initial: random architectures at the start.
        size: trials told between one plan and the next.
        make_plan: a pure function of examples, of which one at least succeeded, and of a generator.
    """

    def __init__(self, space: Space, *, initial: int, size: int, make_plan: MakePlan) -> None:
        if initial < 1 or size < 1:
            raise UsageError(f"initial and batch must be 1 or more, got {initial} and {size}")
        self.space = space
        self.initial = initial
        self.size = size
        self._make_plan = make_plan
        self._told: list[Trial] = []
        self._known: set[str] = set()
        self._made: tuple[int, Plan | None] = 0, None
        """The plan that was made last, and of how many trials."""

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        plan = self._plan()
        if plan is not None:
            out = self._known.union(proposal.architecture.id for proposal in pending)
            for arch in plan.queue:
                if arch.id not in out:
                    return Proposal(arch)
        return Proposal(draw_other(lambda: self._unknown(rng), self.space, rng, pending, tries=3))

    def tell(self, trial: Trial) -> None:
        self._told.append(trial)
        self._known.add(trial.architecture.id)

    def predict(self, arch: Architecture) -> float:
        """What the model of the last plan expects of an architecture; 0 of all before there is one."""
        plan = self._plan()
        return 0.0 if plan is None else plan.predict(arch)

    def _unknown(self, rng: np.random.Generator) -> Architecture:
        arch = self.space.sample(rng)
        for _ in range(TRIES):
            if arch.id not in self._known:
                break
            arch = self.space.sample(rng)
        return arch

    def _plan(self) -> Plan | None:
        """The plan that holds now; None while there is nothing to learn from."""
        if len(self._told) < self.initial:
            return None
        length = len(self._told) - (len(self._told) - self.initial) % self.size
        if self._made[0] != length:
            examples = examples_of(self._told[:length])
            rng = np.random.default_rng(self._told[length - 1].seed)
            self._made = length, None if examples is None else self._make_plan(examples, rng)
        return self._made[1]


def examples_of(trials: Sequence[Trial]) -> Examples | None:
    """What there is to learn from these trials; None if all failed."""
    architectures: dict[str, Architecture] = {}
    scores: dict[str, list[float]] = {}
    for trial in trials:
        found = scores.setdefault(architectures.setdefault(trial.architecture.id, trial.architecture).id, [])
        if trial.score is not None:
            found.append(trial.score)
    seen = [score for found in scores.values() for score in found]
    if not seen:
        return None
    means = [float(np.mean(found)) if found else min(seen) for found in scores.values()]
    return Examples(tuple(architectures.values()), np.array(means))


def draw_candidates(
    space: Space, examples: Examples, rng: np.random.Generator, *, parents: int, mutants: int, random: int = 0
) -> list[Architecture]:
    """New architectures to choose from: `mutants` mutations of the `parents` best, in turn, and `random` ones.

    Those that are spelled as a known one or as an earlier candidate are left out.
    """
    best = examples.best(parents)
    drawn = [space.mutate(best[number % len(best)], rng) for number in range(mutants)]
    drawn += [space.sample(rng) for _ in range(random)]
    known = {arch.choices for arch in examples.architectures}
    return list({arch.choices: arch for arch in drawn if arch.choices not in known}.values())
