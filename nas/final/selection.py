"""The selection of one of the finalists, and how sure it is. Importing this does not load torch."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from nas.errors import EvaluationFailed, NoValidTrial
from nas.final.figures import data_of
from nas.final.finalist import Finalist
from nas.final.order import FULL_TRAINING, Stage
from nas.trial import Objective

NOTHING: Mapping[str, str] = MappingProxyType({})


def criteria_of(objectives: Sequence[Objective]) -> Sequence[Objective]:
    """What finalists are compared by, one after the other: the objectives without their limits; if one of them is
    measured on validation data, the lowest `val_loss` breaks ties."""
    by_data = any(data_of(objective.metric) == "validation" for objective in objectives)
    given = [Objective(objective.metric, objective.direction) for objective in objectives]
    return [*given, *([Objective("val_loss", "minimize")] if by_data else [])]


def ranked(finalists: Sequence[Finalist], *, objectives: Sequence[Objective]) -> Sequence[Finalist]:
    """Finalists with finite metrics, best first; of equal ones, the earlier first."""
    criteria = criteria_of(objectives)
    return sorted(finalists, key=lambda one: [-criterion.score(one.metrics) for criterion in criteria])


def select(
    finalists: Sequence[Finalist], failed: Mapping[str, str] = NOTHING, *, objectives: Sequence[Objective]
) -> tuple[Finalist, Mapping[str, str]]:
    """The best finalist by the objectives, and why others cannot be selected, by id.

    Args:
        finalists: in the order of the search's ranking.
        failed: why networks cannot be selected, by id.
        objectives: the main one first.

    Raises:
        NoValidTrial: there are no finalists, or all have failed or exceed a limit.
    """
    able, failed = [], dict(failed)
    for finalist in [one for one in finalists if one.architecture.id not in failed]:
        try:
            for objective in objectives:
                objective.score(finalist.metrics)
        except EvaluationFailed as failure:
            failed[finalist.architecture.id] = str(failure)
        else:
            able.append(finalist)
    if not able:
        causes = "; ".join(f"{id_}: {cause}" for id_, cause in failed.items())
        limits = " within the limits" if any(objective.limit is not None for objective in objectives) else ""
        raise NoValidTrial(f"none of the best architectures could be trained at full length{limits}: {causes}")
    return ranked(able, objectives=objectives)[0], failed


def trained_order(
    finalists: Sequence[Finalist], failed: Mapping[str, str], *, objectives: Sequence[Objective]
) -> Stage:
    """The order of the finalists that can be selected, after their full training."""
    able = [one for one in finalists if one.architecture.id not in failed]
    best = ranked(able, objectives=objectives)
    return Stage(FULL_TRAINING, {one.architecture.id: rank for rank, one in enumerate(best, start=1)})


def probabilities_of_best(
    finalists: Sequence[Finalist], failed: Mapping[str, str], *, objectives: Sequence[Objective], seed: int
) -> Mapping[str, float]:
    """How probable it is, by id, that a finalist is the best of those that can be selected: the best in the mean over
    trainings from further seeds, on the same validation data (`nas.statistics.best`).

    Empty: it is not known, as one of them was trained once; or there is only one.

    Args:
        finalists: with the metrics of each training.
        failed: why networks cannot be selected, by id.
        objectives: the main one first.
        seed: of the run; the bootstrap has one derived from it.
    """
    from nas.statistics.best import probability_of_best  # loads scipy

    able = [one for one in finalists if one.architecture.id not in failed]
    trainings = {len(next(iter(one.seeds.values()), ())) for one in able}
    if len(able) < 2 or len(trainings) > 1 or min(trainings) < 2:
        return {}
    (count,) = trainings
    values = [
        [
            [-criterion.score({criterion.metric: value}) for value in one.seeds[criterion.metric]]
            if criterion.metric in one.seeds
            else [-criterion.score(one.metrics)] * count  # the same in all trainings
            for criterion in criteria_of(objectives)
        ]
        for one in able
    ]
    rng = np.random.default_rng(np.random.SeedSequence([seed, 6]))
    found = probability_of_best(values, rng=rng)
    return {one.architecture.id: float(share) for one, share in zip(able, found, strict=True)}
