"""The end of a search: the best architectures are trained at full length, and one of them is handed over."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from nas.data import Dataset
from nas.errors import EvaluationFailed, NoValidTrial, UsageError
from nas.evaluate.fit import Workbench
from nas.evaluate.recipe import Device, Precision, Recipe
from nas.model import Network
from nas.space import Architecture, Space
from nas.trial import Trial
from nas.winner import Winner, winners

FULL_LENGTH = Recipe(epochs=60)


@dataclass(frozen=True)
class Finalist:
    """An architecture trained at full length.

    Attributes:
        architecture: what was trained.
        trial: number of the trial that proposed it; None if it came from elsewhere.
        score: that trial's score on the first objective (higher is better); None likewise.
        metrics: `train_loss`, `val_loss` and `val_acc` of the last epoch.
        curves: the same after each epoch.
        seconds: duration of the training.
        network: with its weights, on the CPU, in evaluation mode.
    """

    architecture: Architecture
    trial: int | None
    score: float | None
    metrics: Mapping[str, float]
    curves: Mapping[str, tuple[float, ...]]
    seconds: float
    network: Network


@dataclass(frozen=True)
class Final:
    """What a search hands over.

    Attributes:
        chosen: the finalist with the highest `val_acc`, of equal ones the lowest `val_loss`.
        finalists: all that were trained, in the order of the search's ranking.
        test: `test_acc` and `test_loss` of the chosen one; None if the data set has no test part.
        classes: names of the classes, in the order of the logits.
    """

    chosen: Finalist
    finalists: Sequence[Finalist]
    test: Mapping[str, float] | None
    classes: tuple[str, ...]


def fine_tune(
    candidates: Iterable[Trial],
    data: Dataset,
    *,
    top: int = 3,
    winner: Winner = "observed",
    space: Space | None = None,
    recipe: Recipe = FULL_LENGTH,
    seed: int = 0,
    device: Device = "auto",
    precision: Precision = "auto",
    on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
) -> Final:
    """Trains the best architectures of a search from scratch at full length and picks one on validation data.

    The test part is read once, at the very end, for the one that was picked.

    Args:
        candidates: trials, for instance a study; the `top` best networks are trained.
        data: the data set.
        top: how many to train.
        winner: how the best are found, see `nas.winner.winners`.
        space: where the trials come from; a winner by the `posterior` needs it.
        recipe: how.
        seed: of the trainings; each finalist has its own that follows from it.
        device: `auto` takes CUDA where there is a device.
        precision: see `nas.evaluate.fit.Workbench`.
        on_epoch: called after each epoch with its number, from 1, and its metrics.

    Raises:
        NoValidTrial: no trial has a score, or none of the finalists could be trained.
        UsageError: `top` is below 1, `winner` cannot be had, or CUDA was asked for and there is none.
    """
    if top < 1:
        raise UsageError(f"top must be 1 or more, got {top}")
    best = winners(candidates, top, how=winner, space=space)
    if not best:
        raise NoValidTrial("no trial has a score, so there is nothing to train at full length")
    bench = Workbench(data, device=device, precision=precision)
    return choose(bench, best, lambda trial: train_finalist(bench, trial, recipe, seed=seed, on_epoch=on_epoch))


def train_finalist(
    bench: Workbench,
    trial: Trial,
    recipe: Recipe,
    *,
    seed: int,
    on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
) -> Finalist:
    """One architecture at full length. Its seed follows from `seed` and the trial's number. Raises EvaluationFailed."""
    own_seed = int(np.random.SeedSequence([seed, trial.number, 2]).generate_state(1)[0])
    fitted = bench.fit(trial.architecture, recipe, seed=own_seed, on_epoch=on_epoch)
    metrics = {name: curve[-1] for name, curve in fitted.curves.items()}
    # Weights in channels-last order, as they are on CUDA, cannot be stored as they are.
    network = fitted.network.to("cpu").to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    return Finalist(trial.architecture, trial.number, trial.score, metrics, fitted.curves, fitted.seconds, network)


def choose(bench: Workbench, candidates: Sequence[Trial], train: Callable[[Trial], Finalist]) -> Final:
    """Trains each candidate, and hands over one of them as `conclude` does.

    Raises:
        NoValidTrial: `train` raised EvaluationFailed for all of them.
    """
    finalists, failures = [], []
    for trial in candidates:
        try:
            finalists.append(train(trial))
        except EvaluationFailed as failure:
            failures.append(f"{trial.architecture.id}: {failure}")
    if not finalists:
        raise NoValidTrial("none of the best architectures could be trained at full length: " + "; ".join(failures))
    return conclude(bench, finalists)


def conclude(bench: Workbench, finalists: Sequence[Finalist]) -> Final:
    """Picks the finalist that is best on validation data, and scores that one on test data."""
    chosen = max(finalists, key=lambda finalist: (finalist.metrics["val_acc"], -finalist.metrics["val_loss"]))
    test = None
    if bench.data.test is not None:
        test = bench.score_samples(chosen.network.to(bench.device), bench.data.test, "test")
        chosen.network.to("cpu")
    return Final(chosen, tuple(finalists), test, bench.data.classes)
