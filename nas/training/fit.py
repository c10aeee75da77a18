"""Training of a network from its seed.

Torch's global generators are seeded here, and restored afterwards. On the CPU, equal arguments yield bitwise equal
weights, provided that torch uses the same number of threads.
"""

import gc
import json
import math
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import torch

from nas.containment import survivable
from nas.errors import DeviceWarning, EvaluationFailed, FailureKind, UsageError
from nas.files import sha256
from nas.model import Network
from nas.settings import plain
from nas.space import Architecture
from nas.training.checkpoints import Checkpoints
from nas.training.keeping import Keeping
from nas.training.loop import Training
from nas.training.monitor import check_monitor
from nas.training.pausing import pause, resume
from nas.training.precision import check_precision
from nas.training.private.plan import plan_of
from nas.training.private.public import public_bench
from nas.training.private.suited import check_private, check_private_networks
from nas.training.recipe import Recipe
from nas.training.seeding import seeded
from nas.training.start import Start
from nas.training.tokens import check_tokens
from nas.training.trainable import check_augmented
from nas.training.unlabelled import bench_for
from nas.training.workbench import Workbench

OnEpoch = Callable[[int, Mapping[str, float]], None]
"""Called with the number of an epoch, from 1, and its metrics."""


@dataclass(frozen=True)
class Fitted:
    """A trained network.

    Attributes:
        network: with the weights of the last epoch, their average, or those of the best epoch, as the recipe says; on
            its device and in evaluation mode.
        curves: `train_loss` and the validation metrics, such as `val_loss` and `val_acc`, after each epoch, up to the
            one whose weights the network has.
        seconds: duration of the training, without the epochs restored from a checkpoint.
        batch_parts: how many parts each batch was divided into: 2 where the memory of the device did not suffice for
            whole ones.
        privacy: what a private training spent, by name: `epsilon` and `delta`, of all of its epochs also where patience
            ended it, and the `noise_multiplier`; empty: it is none.
    """

    network: Network
    curves: Mapping[str, tuple[float, ...]]
    seconds: float
    batch_parts: int = 1
    privacy: Mapping[str, float] = field(default_factory=dict)


def fit(
    bench: Workbench,
    arch: Architecture,
    recipe: Recipe,
    *,
    seed: int,
    epochs: int | None = None,
    start: Start | None = None,
    checkpoints: Checkpoints | None = None,
    kept: bool = False,
    on_epoch: OnEpoch | None = None,
) -> Fitted:
    """Builds and trains the network of an architecture.

    If the memory of a CUDA device runs out, the network is trained anew with each batch in two halves, whose gradients
    are accumulated (see `Step`), and a `DeviceWarning` says so. If that fails too, so does the training.

    Args:
        bench: the data set, device and precision.
        arch: the architecture.
        recipe: the training recipe.
        seed: of the initial weights, the order of samples, dropout and augmentation.
        epochs: the number of epochs after which the training is truncated; the learning rate schedule remains that of
            the whole recipe. None: all epochs of the recipe.
        start: weights that the network begins with; None: all are initialised.
        checkpoints: where a paused training is resumed from, and a truncated one is stored.
        kept: whether it is also stored at the ends of epochs (`nas.training.keeping`), and once it is finished; its
            checkpoint is then left to the caller.
        on_epoch: called with the number of the epoch, from 1, its `train_loss` and its metrics, for each epoch that is
            trained here.

    Raises:
        EvaluationFailed: BUILD_ERROR, NONFINITE, OOM_HOST, OOM_CUDA or CRASH.
        UsageError: there are fewer than 1 epoch or 2 training samples, more epochs than in the recipe, or
            `check_augmented`, `check_monitor`, `check_tokens`, `check_precision` or `check_private` fail.
        StorageError: checkpoints cannot be read or written.
    """
    last = checked_length(bench, arch, recipe, epochs)
    key = training_key(bench, arch, recipe, seed, start) if checkpoints is not None else ""
    begin = time.perf_counter()
    tell = each_once(on_epoch)
    plan = plan_of(recipe, known=bench.known, samples=bench.samples)
    bench = public_bench(bench, recipe)

    def attempt(parts: int) -> Fitted:
        with seeded(seed, bench.device):
            training = _begun(bench, arch, recipe, start, seed=seed, parts=parts)
            saved = checkpoints.load(key, last) if checkpoints is not None else None
            if saved is not None:
                resume(training, saved)
            resumed = training.epoch
            _run(training, last, tell, Keeping(checkpoints, key) if kept and checkpoints is not None else None)
            seconds = time.perf_counter() - begin
            if checkpoints is not None and not kept and resumed < last < recipe.epochs:
                checkpoints.save(key, last, pause(training))
            curves = training.finish()
        return Fitted(training.network.eval(), curves, seconds, parts, {} if plan is None else plan.spent(last))

    for parts in (1, 2):
        try:
            fitted = attempt(parts)
            break
        except EvaluationFailed as error:
            if error.kind is not FailureKind.OOM_CUDA or parts == 2:
                raise
            cause = error.message
        # The error is gone here, and with it the frames that hold the network.
        _free(bench)
        warnings.warn(f"{cause}. The network is trained with halves of its batches", DeviceWarning, stacklevel=2)
    if checkpoints is not None and not kept and last == recipe.epochs:
        checkpoints.drop(key)
    return fitted


def each_once(on_epoch: OnEpoch | None) -> OnEpoch:
    """`on_epoch` for a training that may begin anew: it is called once for each epoch; None: nothing is called."""
    told = 0

    def tell(epoch: int, measured: Mapping[str, float]) -> None:
        nonlocal told
        if on_epoch is not None and epoch > told:
            told = epoch
            on_epoch(epoch, measured)

    return tell


def checked_length(bench: Workbench, arch: Architecture, recipe: Recipe, epochs: int | None) -> int:
    """The number of epochs to train, of a training that can begin.

    Raises:
        UsageError: there are fewer than 1 epoch, more than in the recipe, or `check_augmented`, `check_monitor`,
            `check_tokens`, `check_precision` or `check_private` fail.
    """
    last = recipe.epochs if epochs is None else epochs
    if last < 1:
        raise UsageError(f"training needs at least 1 epoch, got {last}")
    if last > recipe.epochs:
        raise UsageError(f"the full training has {recipe.epochs} epochs, but {last} were requested")
    check_augmented([arch], recipe, bench.data.input)
    check_monitor(recipe, bench.metrics)
    for part, samples in (("train", bench.data.train), ("val", bench.data.val)):
        check_tokens(arch, samples, part)
    check_precision(arch, bench.device, bench.dtype)
    check_private(recipe, bench.data)
    check_private_networks(bench, [arch], recipe)
    return last


def _begun(
    bench: Workbench, arch: Architecture, recipe: Recipe, start: Start | None, *, seed: int, parts: int
) -> Training:
    """A training that has not taken a step."""
    with survivable(FailureKind.CRASH):
        bench = bench_for(bench, recipe)
    with survivable(FailureKind.BUILD_ERROR):
        network = bench.build(arch)
        if start is not None:
            start.load(network)
    with survivable(FailureKind.CRASH):
        training = Training(bench, network, recipe, seed=seed, parts=parts)
    if start is not None and start.rate < 1:
        training.optimizer.slow(start.parameters(network), start.rate)
    return training


def _run(training: Training, last: int, on_epoch: OnEpoch, keeping: Keeping | None) -> None:
    """Trains until the end of an epoch."""
    while training.epoch < last and not training.ended:
        with survivable(FailureKind.CRASH):
            measured = training.advance()
        if failure := not_finite(measured, training.epoch):
            raise failure
        on_epoch(training.epoch, measured)
        if keeping is not None:
            finished = training.ended or training.epoch == last
            keeping.note(training.epoch, partial(pause, training), finished=finished)


def not_finite(measured: Mapping[str, float], epoch: int) -> EvaluationFailed | None:
    """The failure of a training, if what was measured after an epoch is not finite."""
    for name, value in measured.items():
        if not math.isfinite(value):
            return EvaluationFailed(FailureKind.NONFINITE, f"{name} is {value} after epoch {epoch}")
    return None


def _free(bench: Workbench) -> None:
    """Gives back the memory of a training that failed, including what is held by cycles."""
    gc.collect()
    if bench.device.type == "cuda":
        torch.cuda.empty_cache()


def training_key(bench: Workbench, arch: Architecture, recipe: Recipe, seed: int, start: Start | None = None) -> str:
    """A hash that identifies a training. (Networks with equal ids may differ in unused layers.)"""
    network = arch.to_dict()
    data = [bench.data.task.name, bench.data.fingerprint, bench.metrics, *bench.part]
    frame = [plain(recipe, hashed=True), *data, seed, bench.device.type, str(bench.dtype), torch.__version__]
    begun = [] if start is None else [start.fingerprint]
    return sha256(json.dumps([network["input"], network["layers"], *frame, *begun]).encode())[:32]
