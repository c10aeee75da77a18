"""Finalists, and the selection of one of them. Importing this does not load torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from nas.arguments import checked
from nas.data.intake import Intake
from nas.errors import EvaluationFailed, NoValidTrial
from nas.final.figures import Figure, data_of, figures, final_metrics, searched_metrics
from nas.objectives import fronts
from nas.space import Architecture
from nas.tasks import Task
from nas.trial import Objective, Trial

if TYPE_CHECKING:
    from nas.model import Network

NOTHING: Mapping[str, str] = MappingProxyType({})


@checked
@dataclass(frozen=True)
class Finalist:
    """An architecture trained at full length.

    Attributes:
        architecture: the architecture.
        trial: number of the trial that proposed it; None if it does not come from a search.
        searched: the metrics of the objectives in that trial.
        metrics: `train_loss` and the validation metrics of the last epoch, `params`, `macs`, and other objectives with
            their values in the trial (`nas.final.figures.final_metrics`).
        curves: `train_loss` and the validation metrics after each epoch. If it was trained several times, these and
            the metrics are means.
        seconds: duration of the training.
        load: returns the trained network, that of the first training.
        spread: the standard deviations of the metrics over several trainings, such as `val_acc_sd`; empty: it was
            trained once.
    """

    architecture: Architecture
    trial: int | None
    searched: Mapping[str, float]
    metrics: Mapping[str, float]
    curves: Mapping[str, tuple[float, ...]]
    seconds: float
    load: Callable[[], Any] = field(repr=False, compare=False)
    spread: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def network(self) -> "Network":
        """The trained network, on the CPU and in evaluation mode. That of a run is read from its folder when it is
        first asked for, with the errors of `Manifest.read`."""
        network: Network = self.load()
        return network


@checked
@dataclass(frozen=True)
class Final:
    """The result of the final stage.

    Attributes:
        chosen: the selected finalist.
        finalists: all networks that were trained, in the order of the search's ranking.
        failed: the networks that cannot be selected, by id, with the reason: their training failed, or they exceed a
            limit after it.
        test: metrics of the selected network on the test data, such as `test_acc`; None if there are no test data.
        task: the task of the networks, with the names of their outputs, tuned to the selected one (`Task.tuned`).
        objectives: the objectives by which finalists were compared.
        intake: how the data set takes in samples.
    """

    chosen: Finalist
    finalists: Sequence[Finalist]
    failed: Mapping[str, str]
    test: Mapping[str, float] | None
    task: Task
    objectives: tuple[Objective, ...]
    intake: Intake

    @property
    def front(self) -> Sequence[Finalist]:
        """The Pareto front of the finalists within the limits, sorted by the first objective."""
        valid = [finalist for finalist in self.finalists if finalist.architecture.id not in self.failed]
        scores = [[objective.score(finalist.metrics) for objective in self.objectives] for finalist in valid]
        return [valid[place] for place in next(fronts(scores), ())]

    @property
    def figures(self) -> Sequence[Figure]:
        """The reported figures of the selected network, each with the data on which it was measured."""
        return figures(self.chosen.metrics, self.test, self.objectives, spread=self.chosen.spread)


def final_seed(seed: int, trial: int) -> int:
    """The seed of a finalist's training, from that of the run and the number of its trial: 32 bits that differ from
    those of the trial."""
    return int(np.random.SeedSequence([seed, trial, 2]).generate_state(1)[0])


def weights_of(arch: Architecture) -> str:
    """The name of the file with the weights of a finalist."""
    return f"{arch.id}.safetensors"


def finalist_of(
    trial: Trial,
    load: Callable[[], "Network"],
    curves: Mapping[str, tuple[float, ...]],
    seconds: float,
    *,
    objectives: Sequence[Objective],
    spread: Mapping[str, float] | None = None,
) -> Finalist:
    """The record of a full training of a trial's architecture."""
    searched, metrics = searched_metrics(trial, objectives), final_metrics(trial, curves, objectives)
    return Finalist(trial.architecture, trial.number, searched, metrics, curves, seconds, load, spread or {})


def select(
    finalists: Sequence[Finalist], failed: Mapping[str, str] = NOTHING, *, objectives: Sequence[Objective]
) -> tuple[Finalist, Mapping[str, str]]:
    """The best finalist by the objectives, and why others cannot be selected, by id.

    If an objective is measured on validation data, ties are broken by the lowest `val_loss`.

    Args:
        finalists: in the order of the search's ranking.
        failed: why networks cannot be selected, by id.
        objectives: the main one first.

    Raises:
        NoValidTrial: there are no finalists, or all have failed or exceed a limit.
    """
    ranked, failed = [], dict(failed)
    for finalist in [one for one in finalists if one.architecture.id not in failed]:
        try:
            scores = [objective.score(finalist.metrics) for objective in objectives]
        except EvaluationFailed as failure:
            failed[finalist.architecture.id] = str(failure)
        else:
            ranked.append((scores, finalist))
    if not ranked:
        causes = "; ".join(f"{id_}: {cause}" for id_, cause in failed.items())
        limits = " within the limits" if any(objective.limit is not None for objective in objectives) else ""
        raise NoValidTrial(f"none of the best architectures could be trained at full length{limits}: {causes}")
    by_data = any(data_of(objective.metric) == "validation" for objective in objectives)
    _, chosen = max(ranked, key=lambda pair: (*pair[0], -pair[1].metrics["val_loss"] if by_data else 0))
    return chosen, failed
