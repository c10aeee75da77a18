"""Which networks a search hands over.

An observed score is the network's quality and the luck of one training, and the highest of many is mostly one of the
lucky ("winner's curse"): however long the search, it cannot tell the networks within the noise apart. Two other ways:

* `posterior`: a model of all trials. Networks that differ in few decisions are alike, and the expected score of each
  follows from its own trial and from those of its neighbours. No training is spent on it; but true differences that
  the model cannot see are smoothed away with the luck. The model is that of `bayesian_q` (`controllers/surrogate.py`),
  whatever controller proposed the networks; time grows with the cube of the number of trials, memory with its square
  (1,500 trials: some seconds, 0.4 GB).
* `repeat`: the end of the budget, `REPEAT_SHARE`, is spent on training the best networks again with other seeds
  (`Repeat`), and means are compared.

benchmarks/winner.py measures them.

Whatever the way, results are compared among trials of as many epochs alone, as `best_trials` does, and an answer from
memory (`Cached`) counts for nothing beside the trial that it repeats.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal, get_args

import numpy as np

from nas.errors import UsageError
from nas.space import Outline, Space
from nas.trial import Proposal, Trial, best_trials

Winner = Literal["observed", "posterior", "repeat"]
"""How the networks that a search hands over are found."""

REPEAT_SHARE = 0.1
"""Share of the trials that `repeat` spends on networks that are known."""
REPEATED = 5
"""Networks among which `repeat` shares them out."""


def repeats_of(trials: int) -> int:
    """How many of the trials of a search repeat others: a tenth, at least one, but never the first."""
    return min(trials - 1, max(1, round(trials * REPEAT_SHARE)))


def winners(
    trials: Iterable[Trial], count: int = 1, *, how: Winner = "observed", space: Space | None = None
) -> Sequence[Trial]:
    """The `count` networks that a search hands over, the best first, each as its best trial on the first objective.

    Networks trained for longer go before those trained for less. Of as many epochs,

    * `observed` compares the best score of each network: this is `best_trials`,
    * `posterior` the score that is expected of it after all these trials, those that failed counting as the worst,
    * `repeat` the mean of its scores; trials that failed do not count.

    Of equal ones, the first of `observed` is first.

    Args:
        trials: of one search, in the order of their numbers.
        count: how many.
        how: see above.
        space: where the trials come from; `posterior` needs it.

    Raises:
        UsageError: no such way, or `posterior` without a space.
    """
    if how not in get_args(Winner):
        raise UsageError(f"a winner is {', '.join(get_args(Winner)[:-1])} or {get_args(Winner)[-1]}, got {how!r}")
    if how == "posterior" and space is None:
        raise UsageError("a winner by the posterior needs the space of the trials")
    trials = tuple(trials)
    if how == "observed":
        return best_trials(trials, count)
    found: list[Trial] = []
    for fidelity, group in groupby(best_trials(trials, len(trials)), key=lambda trial: trial.proposal.fidelity):
        alike = measured(trial for trial in trials if trial.proposal.fidelity == fidelity)
        values = _means(alike) if space is None or how == "repeat" else _expected(alike, space)
        found += sorted(group, key=lambda trial: -values[trial.architecture.id])
        if len(found) >= count:
            break
    return found[:count]


class Repeat:
    """A controller that proposes the best networks so far again, for as many epochs: the end of a `repeat` search.

    It takes the one that was evaluated least often of the `networks` with the highest means, of equal ones the one with
    the higher mean. Where nothing succeeded yet, it takes any network that was evaluated. It has to be told a trial
    before it can be asked, and an evaluator that remembers would make nothing of what it proposes.

    Args:
        networks: among how many the repeats are shared out.
    """

    def __init__(self, *, networks: int = REPEATED) -> None:
        if networks < 1:
            raise UsageError(f"networks must be 1 or more, got {networks}")
        self.networks = networks
        self._told: list[Trial] = []

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        flying = {proposal.architecture.id for proposal in pending}
        best = [trial.proposal for trial in winners(self._told, len(self._told), how="repeat") or self._told]
        longest = [proposal for proposal in best if proposal.epochs == best[0].epochs]
        free = [proposal for proposal in longest if proposal.architecture.id not in flying] or longest
        evaluated = Counter(map(_key, (trial.proposal for trial in measured(self._told))))
        taken = min(free[: self.networks], key=lambda proposal: evaluated[_key(proposal)])
        return Proposal(taken.architecture, taken.epochs)

    def tell(self, trial: Trial) -> None:
        self._told.append(trial)


def _key(proposal: Proposal) -> tuple[str, int | None]:
    return proposal.architecture.id, proposal.epochs


def measured(trials: Iterable[Trial]) -> Sequence[Trial]:
    """Without answers from memory: trials of 0 seconds of networks that came before."""
    found, seen = [], set()
    for trial in trials:
        key = _key(trial.proposal)
        if key not in seen or trial.metrics.get("seconds") != 0:
            found.append(trial)
        if trial.scores:
            seen.add(key)
    return found


def _means(trials: Iterable[Trial]) -> Mapping[str, float]:
    """The mean score of each network that has any."""
    scores: dict[str, list[float]] = {}
    for trial in trials:
        if trial.score is not None:
            scores.setdefault(trial.architecture.id, []).append(trial.score)
    return {id_: sum(found) / len(found) for id_, found in scores.items()}


def _expected(trials: Sequence[Trial], space: Space) -> Mapping[str, float]:
    """The expected normal score of each network."""
    from nas.controllers.surrogate import Encoder, Posterior, likeliest, normal_scores

    worst = min(trial.score for trial in trials if trial.score is not None)
    targets = normal_scores(np.array([worst if trial.score is None else trial.score for trial in trials]))
    points = Encoder(space)([Outline(trial.architecture.choices, trial.architecture.cost) for trial in trials])
    means = Posterior(points, targets, likeliest(points, targets)).mean(points)
    return {trial.architecture.id: float(mean) for trial, mean in zip(trials, means, strict=True)}
