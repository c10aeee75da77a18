"""The final stage of a search: the best architectures are trained at full length, and one of them is selected.

Finalists are the first `top` networks of `winners`: the best on a single objective, or the first of the Pareto front.
Of the finalists that satisfy the limits of all objectives after their full training, the best on the first objective is
selected; ties are broken by the next objectives.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch

from nas.arguments import Positive, Seed, checked
from nas.data import Dataset
from nas.errors import EvaluationFailed, NoValidTrial
from nas.events import EpochEnded, FinalistBegan, FinalistEnded, OnEvent, StageBegan, unread
from nas.final.figures import Figure, data_of, figures, final_metrics, searched_metrics
from nas.final.winner import Winner, winners
from nas.model import Network
from nas.objectives import Objectives, check_scored, fronts, same_objectives
from nas.space import Architecture, Space
from nas.tasks import Task
from nas.tasks.metrics import asked_by
from nas.training.device import Device, Precision
from nas.training.fit import fit
from nas.training.recipe import FULL_LENGTH, Recipe
from nas.training.workbench import Workbench
from nas.trial import Objective, Trial

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
        curves: `train_loss` and the validation metrics after each epoch.
        seconds: duration of the training.
        network: the trained network, on the CPU and in evaluation mode.
    """

    architecture: Architecture
    trial: int | None
    searched: Mapping[str, float]
    metrics: Mapping[str, float]
    curves: Mapping[str, tuple[float, ...]]
    seconds: float
    network: Network


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
        task: the task of the networks, with the names of their outputs.
        objectives: the objectives by which finalists were compared.
    """

    chosen: Finalist
    finalists: Sequence[Finalist]
    failed: Mapping[str, str]
    test: Mapping[str, float] | None
    task: Task
    objectives: tuple[Objective, ...]

    @property
    def front(self) -> Sequence[Finalist]:
        """The Pareto front of the finalists within the limits, sorted by the first objective."""
        valid = [finalist for finalist in self.finalists if finalist.architecture.id not in self.failed]
        scores = [[objective.score(finalist.metrics) for objective in self.objectives] for finalist in valid]
        return [valid[place] for place in next(fronts(scores), ())]

    @property
    def figures(self) -> Sequence[Figure]:
        """The reported figures of the selected network, each with the data on which it was measured."""
        return figures(self.chosen.metrics, self.test, self.objectives)


@checked
def fine_tune(
    candidates: Iterable[Trial],
    data: Dataset,
    *,
    objectives: Objectives | None = None,
    top: Positive = 3,
    winner: Winner = "observed",
    space: Space | None = None,
    recipe: Recipe = FULL_LENGTH,
    seed: Seed = 0,
    device: Device = "auto",
    precision: Precision = "auto",
    metrics: Sequence[str] = (),
    on_event: OnEvent | None = None,
) -> Final:
    """Trains the best architectures of a search from scratch at full length, and selects one by the objectives.

    The test data are used once, for the selected network.

    Args:
        candidates: trials, for instance a study.
        data: the data set.
        objectives: the objectives of the search; None: those of the study, or else the default of the data's task.
        top: the number of networks to train. With several objectives, a larger number covers more of the front.
        winner: how the best networks are determined, see `winners`.
        space: the space of the trials; required for the winner `posterior`.
        recipe: the training recipe.
        seed: of the trainings; each finalist has a seed derived from it.
        device: `auto`: CUDA, if it is available.
        precision: see `nas.training.workbench.Workbench`.
        metrics: further metrics to measure, by their names in the table of metrics.
        on_event: called with each event (`nas.events`): `StageBegan`, then for each network `FinalistBegan`, an
            `EpochEnded` for each epoch, and `FinalistEnded`.

    Raises:
        NoValidTrial: no trial has a score, or no finalist was trained successfully and satisfies the limits.
        UsageError: the trials were scored by other objectives, `winner` is not possible, or CUDA was requested and is
            not available.
    """
    wanted = same_objectives(candidates, objectives, data.task.objective)
    trials = tuple(candidates)
    check_scored(trials, wanted)
    best = winners(trials, top, how=winner, space=space)
    if not best:
        raise NoValidTrial("no trial has a score, so there is nothing to train at full length")
    bench = Workbench(data, device=device, precision=precision, metrics=[*asked_by(wanted, data.task), *metrics])

    def train(trial: Trial) -> Finalist:
        return train_finalist(bench, trial, recipe, seed=seed, objectives=wanted, on_event=on_event)

    return choose(bench, best, train, objectives=wanted, on_event=on_event)


def train_finalist(
    bench: Workbench,
    trial: Trial,
    recipe: Recipe,
    *,
    seed: int,
    objectives: Sequence[Objective],
    on_event: OnEvent | None = None,
) -> Finalist:
    """Trains one architecture at full length, with a seed derived from `seed` and the trial's number.

    Raises:
        EvaluationFailed: the training failed.
    """

    def on_epoch(epoch: int, metrics: Mapping[str, float]) -> None:
        if on_event is not None:
            on_event(EpochEnded(trial.number, epoch, metrics))

    own_seed = int(np.random.SeedSequence([seed, trial.number, 2]).generate_state(1)[0])
    fitted = fit(bench, trial.architecture, recipe, seed=own_seed, on_epoch=on_epoch)
    # Weights in channels-last order, which is used on CUDA, cannot be stored.
    network = fitted.network.to("cpu").to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    return finalist_of(trial, network, fitted.curves, fitted.seconds, objectives=objectives)


def finalist_of(
    trial: Trial,
    network: Network,
    curves: Mapping[str, tuple[float, ...]],
    seconds: float,
    *,
    objectives: Sequence[Objective],
) -> Finalist:
    """The record of a full training of a trial's architecture."""
    searched, metrics = searched_metrics(trial, objectives), final_metrics(trial, curves, objectives)
    return Finalist(trial.architecture, trial.number, searched, metrics, curves, seconds, network)


def choose(
    bench: Workbench,
    candidates: Sequence[Trial],
    train: Callable[[Trial], Finalist],
    *,
    objectives: tuple[Objective, ...],
    on_event: OnEvent | None = None,
) -> Final:
    """Trains each candidate, and selects one of them as `conclude` does.

    Raises:
        NoValidTrial: all candidates failed (`train` raised EvaluationFailed), or exceed a limit.
    """
    post = on_event or unread
    post(StageBegan("final", len(candidates), objectives=objectives))
    finalists, failed = [], {}
    for trial in candidates:
        post(FinalistBegan(trial))
        try:
            finalist = train(trial)
        except EvaluationFailed as failure:
            failed[trial.architecture.id] = str(failure)
            post(FinalistEnded(trial, {}, str(failure)))
        else:
            finalists.append(finalist)
            post(FinalistEnded(trial, finalist.metrics))
    return conclude(bench, finalists, failed, objectives=objectives)


def conclude(
    bench: Workbench,
    finalists: Sequence[Finalist],
    failed: Mapping[str, str] = NOTHING,
    *,
    objectives: tuple[Objective, ...],
) -> Final:
    """Selects the best finalist by the objectives, and evaluates it on the test data.

    If an objective is measured on validation data, ties are broken by the lowest `val_loss`.

    Raises:
        NoValidTrial: there are no finalists, or all exceed a limit.
    """
    ranked, failed = [], dict(failed)
    for finalist in finalists:
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
    test = None
    if bench.data.test is not None:
        test = bench.score_samples(chosen.network.to(bench.device), bench.data.test, "test")
        chosen.network.to("cpu")
    return Final(chosen, tuple(finalists), failed, test, bench.data.task, objectives)
