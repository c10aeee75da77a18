"""Which networks a search hands over.

An observed score is the network's quality and the luck of one training, and the highest of many is mostly one of the
lucky ("winner's curse"): however long the search, it cannot tell the networks within the noise apart. Two other ways:

* `posterior`: a model of all trials. Networks that differ in few decisions are alike, and the expected score of each
  follows from its own trial and from those of its neighbours. No training is spent on it; but true differences that
  the model cannot see are smoothed away with the luck. The model is that of `bayesian_q` (`surrogate.py`),
  whatever controller proposed the networks; time grows with the cube of the number of trials, memory with its square
  (1,500 trials: some seconds, 0.4 GB).
* `repeat`: the end of the budget, `REPEAT_SHARE`, is spent on training the best networks again with other seeds
  (`Repeat`), and means are compared.

benchmarks/winner.py measures them.

Whatever the way, results are compared among trials of as many epochs alone, as `best_trials` does, and an answer from
memory (`nas.search(cache=True)`) counts for nothing beside the trial that it repeats.

With several objectives, the networks of the first front go before those of the second, and so on (`objectives.py`);
within a front, those that are better on the first objective go first. So what is handed over is one of the best
compromises, and of these the best on the first objective; limits on the others say what that may cost.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice, product
from typing import Literal

import numpy as np

from nas.arguments import NotNegative, checked
from nas.errors import UsageError
from nas.objectives import fronts
from nas.ops import Cost
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


@checked
def winners(
    trials: Iterable[Trial], count: NotNegative = 1, *, how: Winner = "observed", space: Space | None = None
) -> Sequence[Trial]:
    """The `count` networks that a search hands over, the best first, each as its best trial on the first objective.

    Networks trained for longer go before those trained for less. Of as many epochs,

    * `observed` compares the scores of each network's best trial: with one objective, this is `best_trials`,
    * `posterior` the scores that are expected of it after all these trials, those that failed counting as the worst,
    * `repeat` the means of its scores; trials that failed do not count.

    With one objective the best is first; with several the first front is, the best on the first objective at its head.
    Of equal ones, the first of `best_trials` is first.

    Args:
        trials: of one search, in the order of their numbers.
        count: how many.
        how: see above.
        space: where the trials come from; `posterior` needs it.

    Raises:
        UsageError: `posterior` without a space, or trials of searches for different objectives.
    """
    if how == "posterior" and space is None:
        raise UsageError("a winner by the posterior needs the space of the trials")
    return list(islice(_ranked(tuple(trials), how, space), count))


def _ranked(trials: Sequence[Trial], how: Winner, space: Space | None) -> Iterator[Trial]:
    for fidelity, group in groupby(best_trials(trials, len(trials)), key=lambda trial: trial.proposal.fidelity):
        best = list(group)
        alike = measured(trial for trial in trials if trial.proposal.fidelity == fidelity)
        values: Mapping[str, tuple[float, ...]]
        if how == "observed":
            values = {trial.architecture.id: trial.scores or () for trial in best}
        else:
            values = _means(alike) if space is None or how == "repeat" else _expected(alike, space)
        for front in fronts([values[trial.architecture.id] for trial in best]):
            yield from (best[place] for place in front)


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
    """Without answers from memory: trials of a network that came before which took no time, or have its metrics."""
    found: list[Trial] = []
    seen: dict[tuple[str, int | None], list[Trial]] = {}
    for trial in trials:
        before = seen.setdefault(_key(trial.proposal), [])
        seconds = trial.metrics.get("seconds")
        if not before or (seconds != 0 and (seconds is None or all(trial.metrics != one.metrics for one in before))):
            found.append(trial)
        if trial.scores:
            before.append(trial)
    return found


def _means(trials: Sequence[Trial]) -> Mapping[str, tuple[float, ...]]:
    """The mean scores of each network that has any."""
    scores: dict[str, list[tuple[float, ...]]] = {}
    for trial in trials:
        if trial.scores is not None:
            scores.setdefault(trial.architecture.id, []).append(trial.scores)
    return {
        id_: tuple(sum(column) / len(column) for column in zip(*found, strict=True)) for id_, found in scores.items()
    }


def _expected(trials: Sequence[Trial], space: Space) -> Mapping[str, tuple[float, ...]]:
    """The scores that are expected of each network: parameters and MACs as they are, others as normal scores."""
    from nas.controllers.backends.scores import impute_failures, normal_scores
    from nas.controllers.backends.surrogate import Encoder, Posterior, likeliest

    points = Encoder(space)([Outline(trial.architecture.choices, trial.architecture.cost) for trial in trials])

    def expected(place: int) -> Sequence[float]:
        scored = [(trial.scores[place], trial.architecture.cost) for trial in trials if trial.scores is not None]
        for cost, sign in product(range(len(Cost._fields)), (1, -1)):
            if all(score == sign * costs[cost] for score, costs in scored):
                return [sign * trial.architecture.cost[cost] for trial in trials]
        targets = normal_scores(impute_failures([trial.scores[place] if trial.scores else None for trial in trials]))
        found: Sequence[float] = Posterior(points, targets, likeliest(points, targets)).mean(points).tolist()
        return found

    objectives = next(len(trial.scores) for trial in trials if trial.scores is not None)
    rows = zip(*map(expected, range(objectives)), strict=True)
    return {trial.architecture.id: row for trial, row in zip(trials, rows, strict=True)}
