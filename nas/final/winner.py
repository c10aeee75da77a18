"""Which networks a search selects.

An observed score is the sum of a network's true quality and the noise of one training. The maximum of many noisy scores
is biased upwards: the network that attains it owes part of its lead to noise (the winner's curse). A longer search does
not help to distinguish networks whose qualities differ by less than the noise. There are two alternatives to comparing
observed scores:

* `posterior` compares expected scores under a model of all trials. The expected score of a network depends on its own
  trials and on those of networks that differ in few decisions. This needs no further training, but the model also
  smooths out true differences that it cannot represent. The model is that of `bayesian_q` (`surrogate.py`), regardless
  of the controller that proposed the networks. Its time is cubic in the number of trials, its memory quadratic
  (1,500 trials: some seconds, 0.4 GB).
* `repeat` spends the last part of the budget, `REPEAT_SHARE`, on training the best networks again with other seeds
  (`Repeat`), and compares means.

`benchmarks/winner.py` compares the three.

In each case, only trials with equal numbers of epochs are compared, as in `best_trials`, and a result from the cache
(`nas.search(cache=True)`) does not count as a second measurement of its network.

With several objectives, networks are ranked by their Pareto front (`objectives.py`), and within a front by the first
objective. The selected network is therefore Pareto-optimal, and the best of the front on the first objective; limits on
the other objectives bound their values.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, islice, product
from typing import Literal

import numpy as np

from nas.arguments import NotNegative, Positive, checked
from nas.errors import UsageError
from nas.objectives import fronts
from nas.ops import Cost
from nas.space import Outline, Space
from nas.trial import Proposal, Trial, best_trials

Winner = Literal["observed", "posterior", "repeat"]
"""How networks are selected."""

Count = Positive | Literal["front"]
"""How many networks are selected; `front`: those of the Pareto front."""

REPEAT_SHARE = 0.1
"""The fraction of the budget that `repeat` spends on repeated trainings."""
REPEATED = 5
"""The number of networks among which `repeat` distributes them."""


def repeats_of(trials: int) -> int:
    """How many trials, or epochs, of a search are for repetitions: a tenth, but at least one, and not the first."""
    return min(trials - 1, max(1, round(trials * REPEAT_SHARE)))


def repeats_after(proposals: int) -> int:
    """How many repetitions follow so many proposals: as many as if both together were the trials of a search."""
    return max(1, round(proposals * REPEAT_SHARE / (1 - REPEAT_SHARE)))


def without_repeats(minutes: float) -> float:
    """What remains of the time of a search before the repetitions."""
    return minutes * (1 - REPEAT_SHARE)


@checked
def winners(
    trials: Iterable[Trial],
    count: NotNegative | Literal["front"] = 1,
    *,
    how: Winner = "observed",
    space: Space | None = None,
) -> Sequence[Trial]:
    """The `count` best networks of a search, best first, each represented by its best trial on the first objective.

    Trials with more epochs rank before those with fewer. Among trials with equally many epochs,

    * `observed` compares the scores of the best trial of each network; with one objective, this is `best_trials`;
    * `posterior` compares expected scores, given all these trials; failed trials count as the worst score;
    * `repeat` compares mean scores; failed trials do not count.

    With several objectives, networks are ranked by Pareto front, and within a front by the first objective. Ties are
    broken by the order of `best_trials`.

    Args:
        trials: the trials of one search, in the order of their numbers.
        count: the maximal number of networks; `front`: all of the Pareto front.
        how: what is compared.
        space: the space of the trials; required for `posterior`.

    Raises:
        UsageError: `posterior` was chosen without a space, or the trials belong to searches with different objectives.
    """
    if how == "posterior" and space is None:
        raise UsageError("winner 'posterior' needs the space of the trials")
    ranked = _ranked(tuple(trials), how, space)
    return next(ranked, []) if count == "front" else list(islice(chain.from_iterable(ranked), count))


def check_count(count: Count, objectives: int) -> None:
    """Raises UsageError if finalists are those of a Pareto front, and there is one objective."""
    if count == "front" and objectives == 1:
        raise UsageError("front takes several objectives; with one, give the number of finalists")


def _ranked(trials: Sequence[Trial], how: Winner, space: Space | None) -> Iterator[list[Trial]]:
    """The fronts, best first."""
    for fidelity, group in groupby(best_trials(trials, len(trials)), key=lambda trial: trial.proposal.fidelity):
        best = list(group)
        alike = measured(trial for trial in trials if trial.proposal.fidelity == fidelity)
        values: Mapping[str, tuple[float, ...]]
        if how == "observed":
            values = {trial.architecture.id: trial.scores or () for trial in best}
        else:
            values = _means(alike) if space is None or how == "repeat" else _expected(alike, space)
        for front in fronts([values[trial.architecture.id] for trial in best]):
            yield [best[place] for place in front]


class Repeat:
    """A controller for the end of a `repeat` search: it proposes the best networks again, with as many epochs.

    Of the `networks` with the highest mean scores, it proposes the one with the fewest evaluations; ties are broken by
    the mean. If no trial has succeeded, it proposes any network that was evaluated. It must be told a trial before it
    is asked, and its proposals must not be answered from a cache.

    Args:
        networks: the number of networks among which repetitions are distributed.
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
    """The trials without cached results: repeated networks whose trial took 0 seconds or has the same metrics."""
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
    """The mean scores of each network with a successful trial."""
    scores: dict[str, list[tuple[float, ...]]] = {}
    for trial in trials:
        if trial.scores is not None:
            scores.setdefault(trial.architecture.id, []).append(trial.scores)
    return {
        id_: tuple(sum(column) / len(column) for column in zip(*found, strict=True)) for id_, found in scores.items()
    }


def _expected(trials: Sequence[Trial], space: Space) -> Mapping[str, tuple[float, ...]]:
    """The expected scores of each network: exact for parameters and MACs, on the scale of normal scores for others."""
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
