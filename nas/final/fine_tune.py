"""The end of a search: the best architectures are trained at full length, and one of them is handed over.

Finalists are the first `top` of `winners`: with one objective the best by it, with several those of the
front, the best on the first objective first. What is handed over is the finalist that is best on the first objective
after its full training, of equal ones on the next, among those within the limits of all objectives.
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
        architecture: what was trained.
        trial: number of the trial that proposed it; None if it came from elsewhere.
        searched: the metrics of the objectives in that trial.
        metrics: `train_loss` and those on validation data of the last epoch, `params`, `macs`, and those of the other
            objectives, which keep the value of the trial (`nas.final.figures.final_metrics`).
        curves: `train_loss` and the metrics on validation data after each epoch.
        seconds: duration of the training.
        network: with its weights, on the CPU, in evaluation mode.
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
    """What a search hands over.

    Attributes:
        chosen: the finalist that is best on the first objective, of equal ones on the next, within all limits.
        finalists: all that were trained, in the order of the search's ranking.
        failed: why others cannot be handed over, by their ids: they failed, or are over a limit after their training.
        test: metrics of the chosen one on the test data, `test_acc` say; None if the data set has no test part.
        task: what the networks were trained to do, with the names of their outputs.
        objectives: what the finalists were compared by.
    """

    chosen: Finalist
    finalists: Sequence[Finalist]
    failed: Mapping[str, str]
    test: Mapping[str, float] | None
    task: Task
    objectives: tuple[Objective, ...]

    @property
    def front(self) -> Sequence[Finalist]:
        """The finalists within the limits that none of them dominates, the best on the first objective first."""
        valid = [finalist for finalist in self.finalists if finalist.architecture.id not in self.failed]
        scores = [[objective.score(finalist.metrics) for objective in self.objectives] for finalist in valid]
        return [valid[place] for place in next(fronts(scores), ())]

    @property
    def figures(self) -> Sequence[Figure]:
        """What is to be said of the chosen one, each figure with the data that it was measured on."""
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
    """Trains the best architectures of a search from scratch at full length and picks one by its objectives.

    The test part is read once, at the very end, for the one that was picked.

    Args:
        candidates: trials, for instance a study; the `top` best networks are trained.
        data: the data set.
        objectives: what the search was for; None: what the study says, or else that of the data's task.
        top: how many to train. With several objectives, more of them are more of the front.
        winner: how the best are found, see `winners`.
        space: where the trials come from; a winner by the `posterior` needs it.
        recipe: how.
        seed: of the trainings; each finalist has its own that follows from it.
        device: `auto` takes CUDA where there is a device.
        precision: see `nas.training.workbench.Workbench`.
        metrics: names from the table of metrics that are measured as well as those of the objectives and the task.
        on_event: called with each event (`nas.events`): `StageBegan`, then for each network `FinalistBegan`, an
            `EpochEnded` for each epoch, and `FinalistEnded`.

    Raises:
        NoValidTrial: no trial has a score, or none of the finalists could be trained and is within the limits.
        UsageError: the trials were scored by other objectives, `winner` cannot be had, or CUDA was asked for and there
            is none.
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
    """One architecture at full length. Its seed follows from `seed` and the trial's number. Raises EvaluationFailed."""

    def on_epoch(epoch: int, metrics: Mapping[str, float]) -> None:
        if on_event is not None:
            on_event(EpochEnded(trial.number, epoch, metrics))

    own_seed = int(np.random.SeedSequence([seed, trial.number, 2]).generate_state(1)[0])
    fitted = fit(bench, trial.architecture, recipe, seed=own_seed, on_epoch=on_epoch)
    # Weights in channels-last order, as they are on CUDA, cannot be stored as they are.
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
    """What a full training of a trial's architecture gave."""
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
        NoValidTrial: `train` raised EvaluationFailed for all of them, or what it gave is over a limit.
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
    """Picks the finalist that is best by the objectives, and scores that one on test data.

    Where an objective is measured on validation data, of equal ones the one with the lowest `val_loss` is picked.

    Raises:
        NoValidTrial: there is none, or all are over a limit.
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
