"""Searches for several things at once: which trials no other one beats in everything.

One trial dominates another if it is no worse on any objective, and better on one. The trials that none dominates are
the first front; those that none dominates once the first front is gone are the second, and so on (Deb, Pratap, Agarwal
& Meyarivan, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", 2002, section III-A). Where there is one
objective, a front is all trials of one score.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.errors import UsageError
from nas.trial import ACCURACY, Direction, Objective, Trial, best_trials

Objectives = Sequence[Objective] | Mapping[str, Direction | Mapping[str, Any]]
"""What a search is for, the main one first; or as in a run file, `{"val_acc": "maximize", "params": "minimize"}`."""


def objectives_of(given: Objectives) -> tuple[Objective, ...]:
    """The objectives that are meant.

    Raises:
        UsageError: there is none, one metric is an objective twice, or one is none.
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
        UsageError: the study has others than those that are given.
    """
    known: tuple[Objective, ...] | None = getattr(study, "objectives", None)
    if given is None:
        return known or (default or ACCURACY,)
    wanted = objectives_of(given)
    if known and known != wanted:
        raise UsageError(f"the objectives of the study are {show_objectives(known)}, and not {show_objectives(wanted)}")
    return wanted


def check_scored(trials: Iterable[Trial], objectives: Sequence[Objective]) -> None:
    """Raises UsageError if trials have scores that are not those of the objectives."""
    for trial in trials:
        if trial.scores is None:
            continue
        metrics = [trial.metrics.get(objective.metric) for objective in objectives]
        pairs = zip(objectives, trial.scores, strict=False)
        if len(trial.scores) != len(metrics) or [objective.value(score) for objective, score in pairs] != metrics:
            raise UsageError(
                f"trial {trial.number} was not scored by {show_objectives(objectives)}: say what its search was for, "
                "as in objectives={'val_loss': 'minimize', 'params': 'minimize'}"
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
    """The trials that no other one dominates: the best compromises between the objectives that were found.

    Of each network its best trial on the first objective counts, and only trials of the most epochs, as for
    `best_trials`. Failed trials, and so those over a limit, do not count. With one objective these are the best trials.

    Args:
        trials: of one search, such as a study.

    Returns:
        Those of the front, the best on the first objective first, of equal ones the best on the next.
    """
    best = best_trials(trials := tuple(trials), len(trials))
    longest = [trial for trial in best if trial.proposal.fidelity == best[0].proposal.fidelity]
    return [longest[place] for place in next(fronts(scores_of(longest)), ())]


def scores_of(trials: Sequence[Trial]) -> Sequence[tuple[float, ...]]:
    """The scores of trials that have some.

    Raises:
        UsageError: they have more objectives in one trial than in another.
    """
    scores = [trial.scores for trial in trials if trial.scores is not None]
    if len(set(map(len, scores))) > 1:
        counts = " and ".join(map(str, sorted(set(map(len, scores)))))
        raise UsageError(f"the trials have {counts} scores: they are of searches for different objectives")
    return scores


def fronts(scores: Sequence[Sequence[float]]) -> Iterator[list[int]]:
    """The places of the members of each front, the best front first.

    Args:
        scores: `(N, M)`: of N members on M objectives, higher is better.

    Yields:
        Places in `scores`, by falling scores on the first objective, of equal ones on the next, then as they came.
    """
    if not len(scores):
        return
    values = np.asarray(scores, dtype=np.float64).T  # (M, N)
    left = np.lexsort(-values[::-1])
    while len(left):
        front, left = _split(values, left)
        yield front


def _split(values: NDArray[np.float64], left: NDArray[np.intp]) -> tuple[list[int], NDArray[np.intp]]:
    """The front of some members, and the others; both stay in their order, in which none dominates one before it."""
    front: list[int] = []
    beaten = np.zeros(len(left), dtype=bool)
    places, others = np.arange(len(left)), values[:, left]  # those that the front does not dominate, and are not in it
    while len(places):
        first = others[:, :1]
        no_worse = np.all(first >= others, axis=0)
        equal = no_worse & np.all(first == others, axis=0)
        front += left[places[equal]].tolist()
        beaten[places[no_worse & ~equal]] = True
        places, others = places[~no_worse], others[:, ~no_worse]
    return front, left[beaten]
