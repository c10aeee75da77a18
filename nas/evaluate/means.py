"""Evaluations that are means over several trainings of one network: repetitions, or the folds of a cross-validation.

The number of finished trainings is the fidelity. With n trainings of E epochs each, the full evaluation has n · E
epochs. Truncated to fewer, it is that of the first trainings that are complete within them; below E epochs, it is the
beginning of the first training.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from nas.errors import UsageError
from nas.space import Architecture
from nas.tasks.metrics import SD
from nas.training.checkpoints import Checkpoints
from nas.training.recipe import Recipe
from nas.trial import Metrics

if TYPE_CHECKING:
    from nas.training.fit import Fitted
    from nas.training.several import Member
    from nas.training.workbench import Workbench


@dataclass(frozen=True)
class Trained:
    """What came of one training.

    Attributes:
        curves: `train_loss` and the validation metrics after each epoch.
        seconds: its duration, without the epochs restored from a checkpoint.
        batch_parts: the number of parts of a batch, see `Fitted`.
        privacy: what it spent, see `Fitted`.
    """

    curves: Mapping[str, tuple[float, ...]]
    seconds: float
    batch_parts: int = 1
    privacy: Mapping[str, float] = field(default_factory=dict)


def trained_of(fitted: "Fitted") -> Trained:
    """What came of a training, without its network."""
    return Trained(fitted.curves, fitted.seconds, fitted.batch_parts, fitted.privacy)


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

    A truncated evaluation has the results of the same trainings as the full one. With `checkpoints`, an evaluation with
    more epochs takes the finished trainings from one with fewer, and continues its first training.

    Where that pays, the trainings of the full evaluation are packed (`nas.training.several.packs`), always all of them.
    A truncated evaluation, which is not packed, then has the same results within rounding. The full one does not
    continue from checkpoints, so that its results do not depend on what was stored.

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
    from nas.training.fit import fit, training_key
    from nas.training.several import bench_of, fit_several, packs, several_key

    each, full = recipe.epochs, len(members) * recipe.epochs
    last = full if epochs is None else epochs
    if last > full:
        raise UsageError(f"the full training has {full} epochs, but {last} were requested")
    count = max(1, last // each)
    first = bench_of(members[0], bench, samples)
    store = None
    if checkpoints is not None and len(members) > 1:
        own = training_key(first, arch, recipe, members[0].seed)
        store = _Finished(checkpoints, several_key(bench, arch, recipe, members, samples), own, each, len(members))
    packed = last == full and packs(bench, arch, recipe, len(members), samples=samples)
    known = store.load(count) if store is not None and not packed else ()
    found = list(known)
    if not packed and not found and (count == 1 or (store is not None and store.began())):
        length = min(last, each)
        alone = fit(
            first, arch, recipe, seed=members[0].seed, epochs=length, checkpoints=checkpoints, on_epoch=on_epoch
        )
        found.append(trained_of(alone))
    before = len(found)

    def told(epoch: int, measured: Mapping[str, float]) -> None:
        if on_epoch is not None:
            on_epoch(before * each + epoch, measured)

    if before < count:
        others = fit_several(bench, arch, recipe, members[before:count], samples=samples, packed=packed, on_epoch=told)
        found += map(trained_of, others)
    if store is not None and last >= each:
        store.save(found)
    return summarised(found, arch, seconds=sum(one.seconds for one in found[len(known) :]))


def summarised(trainings: Sequence[Trained], arch: Architecture, *, seconds: float) -> Metrics:
    """The metrics of several trainings. Where patience ended one sooner than others, its last values stand for it.

    Returns:
        The means of the metrics after the last epoch; with two or more trainings, their sample standard deviations as
        `val_acc_sd`; the costs of the network; `seconds`; the greatest `batch_parts`, if that is above 1; of private
        trainings, the greatest of what each spent; and the means of the metrics after each epoch as curves.
    """
    names = trainings[0].curves
    length = max(len(curve) for one in trainings for curve in one.curves.values())
    curves = {
        name: tuple(map(fmean, zip(*(_lasting(one.curves[name], length) for one in trainings), strict=True)))
        for name in names
    }
    spread = {f"{name}{SD}": stdev(one.curves[name][-1] for one in trainings) for name in names if len(trainings) > 1}
    parts = max(one.batch_parts for one in trainings)
    return {
        **{name: curve[-1] for name, curve in curves.items()},
        **spread,
        **arch.cost._asdict(),
        "seconds": seconds,
        **({"batch_parts": parts} if parts > 1 else {}),
        **{name: max(one.privacy[name] for one in trainings) for name in trainings[0].privacy},
        **{f"{name}_curve": curve for name, curve in curves.items()},
    }


def _lasting(curve: tuple[float, ...], length: int) -> tuple[float, ...]:
    """A curve whose last value lasts up to a length."""
    return curve + curve[-1:] * (length - len(curve))


@dataclass(frozen=True)
class _Finished:
    """The finished trainings of an evaluation, in the folder of checkpoints.

    Attributes:
        checkpoints: the folder.
        key: identifies the evaluation.
        first: identifies its first training.
        each: the epochs of a training.
        members: the number of trainings.
    """

    checkpoints: Checkpoints
    key: str
    first: str
    each: int
    members: int

    def began(self) -> bool:
        """Whether the first training was begun."""
        return self.checkpoints.load(self.first, self.each) is not None

    def load(self, count: int) -> Sequence[Trained]:
        """The first trainings that are finished, at most `count`."""
        content = self.checkpoints.load(self.key, count * self.each)
        return [
            Trained(**{**one, "curves": {name: tuple(curve) for name, curve in one["curves"].items()}})
            for one in json.loads(content or b"[]")
        ]

    def save(self, found: Sequence[Trained]) -> None:
        """Stores finished trainings; if they are all, nothing is left to store."""
        if len(found) == self.members:
            self.checkpoints.drop(self.key)
            self.checkpoints.drop(self.first)
        else:
            content = json.dumps([asdict(one) for one in found]).encode()
            self.checkpoints.save(self.key, len(found) * self.each, content)
