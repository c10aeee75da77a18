"""Evaluations that are means over several trainings of one network: repetitions, or the folds of a cross-validation.

The number of finished trainings is the fidelity. With n trainings of E epochs each, the full evaluation has n · E
epochs. Truncated to fewer, it is that of the first trainings that are complete within them; below E epochs, it is the
beginning of the first training.

Trainings that are packed into one network may be rounded otherwise than alone, which must not depend on what a
checkpoint holds. So the first training is always alone, and so are all trainings of a truncated evaluation; the others
of the full evaluation are trained together, whatever is known of them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from nas.errors import UsageError
from nas.space import Architecture
from nas.tasks.metrics import SD
from nas.training.checkpoints import Checkpoints
from nas.training.recipe import Recipe
from nas.trial import Metrics

if TYPE_CHECKING:
    from nas.training.several import Member
    from nas.training.workbench import Workbench


@dataclass(frozen=True)
class Trained:
    """What came of one training.

    Attributes:
        curves: `train_loss` and the validation metrics after each epoch.
        seconds: its duration, without the epochs restored from a checkpoint.
        batch_parts: the number of parts of a batch, see `Fitted`.
    """

    curves: Mapping[str, tuple[float, ...]]
    seconds: float
    batch_parts: int = 1


def member_seed(seed: int, place: int) -> int:
    """The seed of one of several trainings: that of the evaluation for the first, and 32 bits derived from it after."""
    import numpy as np

    return seed if place == 0 else int(np.random.SeedSequence([seed, 4, place]).generate_state(1)[0])


def mean_metrics(
    bench: "Workbench",
    arch: Architecture,
    recipe: Recipe,
    members: "Sequence[Member]",
    *,
    epochs: int | None,
    samples: int | None = None,
    checkpoints: Checkpoints | None = None,
    on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
) -> Metrics:
    """Trains a network several times, and returns `summarised` metrics.

    A truncated evaluation has the results of the first trainings of the full one: the same bits for the first, and for
    all that are not packed. With `checkpoints`, an evaluation with more epochs takes what is finished of one with
    fewer, and continues its first training.

    Args:
        bench: the data set, device and precision.
        arch: the architecture.
        recipe: of each training.
        members: all trainings of the full evaluation.
        epochs: the number of epochs of the evaluation, over all trainings; None: the full evaluation.
        samples: the number of training samples of an epoch; None: those of the training part.
        checkpoints: where finished and truncated trainings are stored.
        on_epoch: called after each trained epoch with its number, over all trainings, and its metrics.

    Raises:
        EvaluationFailed: a training failed.
        UsageError: there is less than 1 epoch, or more than the full evaluation has; and as `fit`.
        StorageError: checkpoints cannot be read or written.
    """
    from nas.training.fit import fit
    from nas.training.several import bench_of, fit_several, several_key

    each, full = recipe.epochs, len(members) * recipe.epochs
    last = full if epochs is None else epochs
    if last > full:
        raise UsageError(f"the full training has {full} epochs, but {last} were requested")
    count = max(1, last // each)
    whole = count == len(members)
    store = None
    if checkpoints is not None and len(members) > 1:
        store = _Finished(checkpoints, several_key(bench, arch, recipe, members, samples), each)
    known = store.load(count) if store is not None else ()
    found = list(known[:1] if whole else known)
    begun = len(found)
    if not found:
        alone = fit(
            bench_of(members[0], bench, samples),
            arch,
            recipe,
            seed=members[0].seed,
            epochs=min(last, each),
            checkpoints=checkpoints,
            on_epoch=on_epoch,
        )
        found.append(Trained(alone.curves, alone.seconds, alone.batch_parts))

    def told(epoch: int, measured: Mapping[str, float]) -> None:
        if on_epoch is not None:
            on_epoch(len(found) * each + epoch, measured)

    while len(found) < count:
        group = members[1:] if whole else members[len(found) : len(found) + 1]
        others = fit_several(bench, arch, recipe, group, samples=samples, on_epoch=told)
        found += [Trained(one.curves, one.seconds, one.batch_parts) for one in others]
    if store is not None and whole:
        store.drop()
    elif store is not None and last >= each:
        store.save(found)
    return summarised(found, arch, seconds=sum(one.seconds for one in found[begun:]))


def summarised(trainings: Sequence[Trained], arch: Architecture, *, seconds: float) -> Metrics:
    """The metrics of several trainings of equal length.

    Returns:
        The means of the metrics after the last epoch; with two or more trainings, their sample standard deviations as
        `val_acc_sd`; the costs of the network; `seconds`; the greatest `batch_parts`, if that is above 1; and the means
        of the metrics after each epoch as curves.
    """
    names = trainings[0].curves
    curves = {name: tuple(map(fmean, zip(*(one.curves[name] for one in trainings), strict=True))) for name in names}
    spread = {f"{name}{SD}": stdev(one.curves[name][-1] for one in trainings) for name in names if len(trainings) > 1}
    parts = max(one.batch_parts for one in trainings)
    return {
        **{name: curve[-1] for name, curve in curves.items()},
        **spread,
        **arch.cost._asdict(),
        "seconds": seconds,
        **({"batch_parts": parts} if parts > 1 else {}),
        **{f"{name}_curve": curve for name, curve in curves.items()},
    }


@dataclass(frozen=True)
class _Finished:
    """The finished trainings of an evaluation, in the folder of checkpoints.

    Attributes:
        checkpoints: the folder.
        key: identifies the evaluation.
        each: the epochs of a training.
    """

    checkpoints: Checkpoints
    key: str
    each: int

    def load(self, count: int) -> Sequence[Trained]:
        """The first trainings that are finished, at most `count`."""
        content = self.checkpoints.load(self.key, count * self.each)
        return [
            Trained({name: tuple(curve) for name, curve in one["curves"].items()}, one["seconds"], one["batch_parts"])
            for one in json.loads(content or b"[]")
        ]

    def save(self, found: Sequence[Trained]) -> None:
        """Stores finished trainings."""
        content = json.dumps([asdict(one) for one in found]).encode()
        self.checkpoints.save(self.key, len(found) * self.each, content)

    def drop(self) -> None:
        """Removes what is stored of them."""
        self.checkpoints.drop(self.key)
