"""Several objectives: Pareto dominance and fronts.

A trial dominates another if it is at least as good on every objective, and better on one. The non-dominated trials form
the first front, the Pareto front; the trials that are non-dominated without the first front form the second, and so on
(Deb, Pratap, Agarwal & Meyarivan, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", 2002, section III-A).
With a single objective, a front consists of all trials with equal scores.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.errors import UsageError
from nas.trial import ACCURACY, Direction, Objective, Trial, best_trials

Objectives = Sequence[Objective] | Mapping[str, Direction | Mapping[str, Any]]
"""Objectives, the main one first; or as in a run file, `{"val_acc": "maximize", "params": "minimize"}`."""


def objectives_of(given: Objectives) -> tuple[Objective, ...]:
    """Objectives as records.

    Raises:
        UsageError: there are none, a metric occurs twice, or a metric cannot be an objective.
    """
    if isinstance(given, Mapping):
        given = [
            Objective(metric, **(how if isinstance(how, Mapping) else {"direction": how}))
            for metric, how in given.items()
        ]
    metrics = [objective.metric for objective in given]
    if not metrics:
        raise UsageError("a search needs an objective, such as {'val_acc': 'maximize'}")
    for metric in metrics:
        if metrics.count(metric) > 1:
            raise UsageError(f"{metric!r} is an objective twice; a metric has one direction and one limit")
    return tuple(given)


def same_objectives(study: object, given: Objectives | None, default: Objective | None = None) -> tuple[Objective, ...]:
    """The objectives of a study if it states them, else those that are given, else the default (None: ACCURACY).

    Raises:
        UsageError: the study has objectives other than those that are given.
    """
    known: tuple[Objective, ...] | None = getattr(study, "objectives", None)
    if given is None:
        return known or (default or ACCURACY,)
    wanted = objectives_of(given)
    if known and known != wanted:
        raise UsageError(f"the objectives of the study are {show_objectives(known)}, not {show_objectives(wanted)}")
    return wanted


def check_scored(trials: Iterable[Trial], objectives: Sequence[Objective]) -> None:
    """Raises UsageError if the scores of trials do not follow from these objectives."""
    for trial in trials:
        if trial.scores is None:
            continue
        metrics = [trial.metrics.get(objective.metric) for objective in objectives]
        pairs = zip(objectives, trial.scores, strict=False)
        if len(trial.scores) != len(metrics) or [objective.value(score) for objective, score in pairs] != metrics:
            raise UsageError(
                f"trial {trial.number} was not scored by {show_objectives(objectives)}: give the objectives of its "
                "search, as in objectives={'val_loss': 'minimize', 'params': 'minimize'}"
            )


def show_objectives(objectives: Sequence[Objective]) -> str:
    """`the highest val_acc, the lowest params (at most 50000)`."""
    return ", ".join(map(_show, objectives))


def _show(objective: Objective) -> str:
    highest = objective.direction == "maximize"
    limit = "" if objective.limit is None else f" (at {'least' if highest else 'most'} {objective.limit:g})"
    return f"the {'highest' if highest else 'lowest'} {objective.metric}{limit}"


@checked
def pareto_front(trials: Iterable[Trial]) -> Sequence[Trial]:
    """The Pareto front of a search: the non-dominated trials.

    Each network is represented by its best trial on the first objective, and only trials with the most epochs are
    considered, as in `best_trials`. Failed trials, which include those over a limit, are ignored. With one objective,
    the front consists of the trials with the best score.

    Args:
        trials: of one search, such as a study.

    Returns:
        The trials of the front, sorted by the first objective, best first; ties by the next ones.
    """
    best = best_trials(trials := tuple(trials), len(trials))
    longest = [trial for trial in best if trial.proposal.fidelity == best[0].proposal.fidelity]
    return [longest[place] for place in next(fronts(scores_of(longest)), ())]


def scores_of(trials: Sequence[Trial]) -> Sequence[tuple[float, ...]]:
    """The scores of the successful trials.

    Raises:
        UsageError: trials have different numbers of scores.
    """
    scores = [trial.scores for trial in trials if trial.scores is not None]
    if len(set(map(len, scores))) > 1:
        counts = " and ".join(map(str, sorted(set(map(len, scores)))))
        raise UsageError(f"the trials have {counts} scores: they come from searches with different objectives")
    return scores


def fronts(scores: Sequence[Sequence[float]]) -> Iterator[list[int]]:
    """The indices of the members of each front, best front first.

    Args:
        scores: `(N, M)`, of N members on M objectives; higher is better.

    Yields:
        Indices into `scores`, sorted by descending scores on the first objective, then on the next ones, then by index.
    """
    if not len(scores):
        return
    values = np.asarray(scores, dtype=np.float64).T  # (M, N)
    left = np.lexsort(-values[::-1])
    while len(left):
        front, left = _split(values, left)
        yield front


def _split(values: NDArray[np.float64], left: NDArray[np.intp]) -> tuple[list[int], NDArray[np.intp]]:
    """The front of the members `left`, and the other members. Both keep their order, in which no member dominates an
    earlier one."""
    front: list[int] = []
    beaten = np.zeros(len(left), dtype=bool)
    places, others = np.arange(len(left)), values[:, left]  # neither in the front nor dominated by it
    while len(places):
        first = others[:, :1]
        no_worse = np.all(first >= others, axis=0)
        equal = no_worse & np.all(first == others, axis=0)
        front += left[places[equal]].tolist()
        beaten[places[no_worse & ~equal]] = True
        places, others = places[~no_worse], others[:, ~no_worse]
    return front, left[beaten]
