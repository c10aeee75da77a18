"""The family of `bananas` and `gp`: sequential model-based optimisation (Hutter, Hoos & Leyton-Brown, LION 2011).

The first `initial` proposals are random. Then a *surrogate* is fitted to the scores, and a pool of candidates is drawn:
mutations of the best architectures, and random ones. An acquisition function ranks the pool, and the best candidates
are proposed until `batch_size` more trials have been told. Known and pending candidates are skipped; when the pool is
exhausted, proposals are random.

A controller of the family is made of one part, a function that fits its surrogate. The surrogate is fitted when it is
first needed, to the trials told when the last batch was complete, with the seed of the last of these. So it follows
from the history alone, and telling a stored history fits the last surrogate only.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nas.controllers.backends.scores import Floats
from nas.controllers.controller import draw_other
from nas.space import Architecture, Space
from nas.trial import Proposal, Trial


class Examples(NamedTuple):
    """What a surrogate is fitted to: each network once, and its mean score, shape `(N,)`.

    A network that only failed has the worst score of all.
    """

    architectures: tuple[Architecture, ...]
    scores: NDArray[np.float64]

    def best(self, count: int) -> list[Architecture]:
        """The `count` best architectures, best first; of ties the first."""
        order = np.argsort(-self.scores, kind="stable")[:count]
        return [self.architectures[place] for place in order]


class Surrogate(Protocol):
    """A fitted model of the scores."""

    def predict(self, arch: Architecture) -> float:
        """The expected score of an architecture, on the scale of the model."""

    def acquisition(self, pool: Sequence[Architecture], rng: np.random.Generator) -> Floats:
        """The value of evaluating each of M candidates, `(M,)`; the greatest are proposed."""


Fit = Callable[[Examples, np.random.Generator], Surrogate]
"""Fits a surrogate: a pure function of examples, at least one of which succeeded, and of a generator."""


class ModelBased:
    """Proposes the candidates of the greatest acquisition value, in batches.

    Args:
        space: where to search.
        fit: fits the surrogate.
        initial: random proposals at the start.
        batch_size: trials between two fits.
        mutants: mutations of the best architectures in the pool.
        random: random architectures in the pool.
        parents: how many of the best architectures are mutated.
    """

    def __init__(
        self, space: Space, fit: Fit, *, initial: int, batch_size: int, mutants: int, random: int, parents: int
    ) -> None:
        self.space = space
        self._fit = fit
        self._initial = initial
        self._batch_size = batch_size
        self._mutants = mutants
        self._random = random
        self._parents = parents
        self._told: list[Trial] = []
        self._known: set[str] = set()
        self._fitted: tuple[int, _Batch | None] = 0, None
        """The last batch, and the number of trials that it was made of."""

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        batch = self._batch()
        if batch is not None:
            taken = self._known | {proposal.architecture.id for proposal in pending}
            for arch in batch.queue:
                if arch.id not in taken:
                    return Proposal(arch)
        return Proposal(draw_other(lambda: self.space.sample(rng), self.space, rng, pending, known=self._known))

    def tell(self, trial: Trial) -> None:
        self._told.append(trial)
        self._known.add(trial.architecture.id)

    def predict(self, arch: Architecture) -> float:
        """The score that the surrogate expects of an architecture, on its scale; 0 before the first fit."""
        batch = self._batch()
        return 0.0 if batch is None else batch.surrogate.predict(arch)

    def _batch(self) -> "_Batch | None":
        """The batch to propose from; None while there is nothing to fit."""
        if len(self._told) < self._initial:
            return None
        length = len(self._told) - (len(self._told) - self._initial) % self._batch_size
        if self._fitted[0] != length:
            examples = examples_of(self._told[:length])
            rng = np.random.default_rng(self._told[length - 1].seed)
            self._fitted = length, None if examples is None else self._new_batch(examples, rng)
        return self._fitted[1]

    def _new_batch(self, examples: Examples, rng: np.random.Generator) -> "_Batch":
        surrogate = self._fit(examples, rng)
        pool = draw_pool(self.space, examples, rng, mutants=self._mutants, random=self._random, parents=self._parents)
        if not pool:
            return _Batch((), surrogate)
        order = np.argsort(-surrogate.acquisition(pool, rng), kind="stable")
        return _Batch([pool[place] for place in order], surrogate)


class _Batch(NamedTuple):
    """The pool, the greatest acquisition value first, and the surrogate that ranked it."""

    queue: Sequence[Architecture]
    surrogate: Surrogate


def examples_of(trials: Sequence[Trial]) -> Examples | None:
    """What a surrogate can be fitted to; None if all trials failed."""
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


def draw_pool(
    space: Space, examples: Examples, rng: np.random.Generator, *, mutants: int, random: int, parents: int
) -> list[Architecture]:
    """Candidates: `mutants` mutations of the `parents` best, which take turns, and `random` random architectures.

    Those with the decisions of an example or of an earlier candidate are left out.
    """
    best = examples.best(parents)
    drawn = [space.mutate(best[number % len(best)], rng) for number in range(mutants)]
    drawn += [space.sample(rng) for _ in range(random)]
    known = {arch.choices for arch in examples.architectures}
    return list({arch.choices: arch for arch in drawn if arch.choices not in known}.values())
