"""The training of a finalist in full, from one seed or several."""

from collections.abc import Mapping
from typing import NamedTuple

from nas.evaluate.means import member_seed, summarised, trained_of
from nas.model import Network
from nas.reported import CURVE, EACH
from nas.space import Architecture
from nas.tasks.metrics import SD
from nas.training.checkpoints import Checkpoints
from nas.training.fit import OnEpoch
from nas.training.recipe import Recipe
from nas.training.several import Member, fit_several
from nas.training.workbench import Workbench
from nas.trial import Metrics


class TrainedInFull(NamedTuple):
    """What came of it.

    Attributes:
        networks: that of each training, as it was trained.
        curves: `train_loss` and the validation metrics after each epoch; with several trainings, their means.
        spread: the sample standard deviations of the metrics at the end, such as `val_acc_sd`; empty: it was trained
            once.
        seeds: the metrics at the end of each training, by name; empty: it was trained once.
        seconds: of all trainings.
        privacy: what each of them spent, see `nas.training.fit.Fitted`.
    """

    networks: tuple[Network, ...]
    curves: Mapping[str, tuple[float, ...]]
    spread: Mapping[str, float]
    seeds: Mapping[str, tuple[float, ...]]
    seconds: float
    privacy: Mapping[str, float]

    @property
    def metrics(self) -> Metrics:
        """All but the networks, as an evaluator reports it."""
        curves = {f"{name}{CURVE}": curve for name, curve in self.curves.items()}
        seeds = {f"{name}{EACH}": values for name, values in self.seeds.items()}
        return {**curves, **self.spread, **seeds, "seconds": self.seconds, **self.privacy}


def train_in_full(
    bench: Workbench,
    arch: Architecture,
    recipe: Recipe,
    *,
    seed: int,
    seeds: int = 1,
    epochs: int | None = None,
    checkpoints: Checkpoints | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainedInFull:
    """Trains an architecture, several times if wanted.

    Args:
        bench: the data set, device and precision.
        arch: the architecture.
        recipe: of each training.
        seed: of the first training; those of the others follow from it.
        seeds: the number of trainings.
        epochs: the number of epochs after which each is truncated; None: all of the recipe.
        checkpoints: where trainings are stored while they last and once they are finished, and resumed from; None: they
            are not stored. The files are left to the caller.
        on_epoch: called after each epoch with its number, from 1, over all trainings, and its metrics.

    Raises:
        EvaluationFailed: a training failed.
        UsageError: see `nas.training.fit.fit`.
        StorageError: checkpoints cannot be read or written.
    """
    members = [Member(member_seed(seed, place)) for place in range(seeds)]
    fitted = fit_several(bench, arch, recipe, members, epochs=epochs, checkpoints=checkpoints, on_epoch=on_epoch)
    trained = [trained_of(one) for one in fitted]
    seconds = sum(one.seconds for one in fitted)
    metrics = summarised(trained, arch, seconds=seconds)
    curves, spread = {}, {}
    for name, value in metrics.items():
        if isinstance(value, tuple):
            curves[name.removesuffix(CURVE)] = value
        elif name.endswith(SD):
            spread[name] = float(value)
    each = {name: tuple(one.curves[name][-1] for one in fitted) for name in curves} if seeds > 1 else {}
    networks = tuple(one.network for one in fitted)
    return TrainedInFull(networks, curves, spread, each, seconds, fitted[0].privacy)
