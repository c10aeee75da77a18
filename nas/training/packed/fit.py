"""Several trainings of one architecture as one packed network."""

import time
from collections.abc import Sequence
from functools import partial

import torch

from nas.containment import contained, survivable
from nas.errors import FailureKind
from nas.files import sha256
from nas.model import Network
from nas.space import Architecture
from nas.training.checkpoints import Checkpoints
from nas.training.fit import Fitted, OnEpoch, not_finite, training_key
from nas.training.keeping import Keeping
from nas.training.packed.network import PackedNetwork
from nas.training.packed.training import PackedTraining
from nas.training.pausing import pause_packed, resume_packed
from nas.training.recipe import Recipe
from nas.training.seeding import seeded
from nas.training.workbench import Workbench


def fit_packed(
    benches: Sequence[Workbench],
    arch: Architecture,
    recipe: Recipe,
    *,
    seeds: Sequence[int],
    epochs: int,
    on_epoch: OnEpoch,
    checkpoints: Checkpoints | None = None,
) -> tuple[Fitted, ...]:
    """Builds and trains a network on each of several benches, all at once.

    Each has the initial weights, batches and dropout of `nas.training.fit.fit` with its bench and seed, and results
    that are equal within rounding. How they are rounded depends on the other copies: on their number, and on their
    order. Equal arguments yield bitwise equal weights, as for `fit`.

    Args:
        benches: on the CPU, in float32, with an equal number of samples in an epoch.
        arch: the architecture, whose networks are not `unpackable`.
        recipe: the training recipe, of each copy.
        seeds: of the copies.
        epochs: the number of epochs to train.
        on_epoch: called after each epoch for each copy that is trained here, with the number of the epoch, from 1, over
            all copies, which take turns, and its metrics.
        checkpoints: where the training is stored while it lasts and once it is finished, and resumed from; None: it is
            not stored.

    Returns:
        The trained networks. `seconds` are an equal share of the duration.

    Raises:
        EvaluationFailed: NONFINITE of the first copy that is no longer finite, which ends all; BUILD_ERROR, OOM_HOST or
            CRASH of all together.
        StorageError: checkpoints cannot be read or written.
    """
    begin = time.perf_counter()
    key, keeping = "", None
    if checkpoints is not None:  # a key takes a hash of all data
        keys = [training_key(bench, arch, recipe, seed) for bench, seed in zip(benches, seeds, strict=True)]
        key = sha256("".join(keys).encode())[:32]
        keeping = Keeping(checkpoints, key)
    with contained():
        training = _begun(benches, arch, recipe, seeds)
        if checkpoints is not None and (saved := checkpoints.load(key, epochs)) is not None:
            resume_packed(training, saved)
        told = training.epoch * len(seeds)
        while training.epoch < epochs:
            with survivable(FailureKind.CRASH):
                measured = training.advance()
            for metrics in measured:
                if failure := not_finite(metrics, training.epoch):
                    raise failure
                told += 1
                on_epoch(told, metrics)
            if keeping is not None:
                keeping.note(training.epoch, partial(pause_packed, training), finished=training.epoch == epochs)
        networks = training.finish()
    seconds = (time.perf_counter() - begin) / len(seeds)
    return tuple(
        Fitted(network.eval(), {name: tuple(values) for name, values in curves.items()}, seconds)
        for network, curves in zip(networks, training.curves, strict=True)
    )


def _begun(benches: Sequence[Workbench], arch: Architecture, recipe: Recipe, seeds: Sequence[int]) -> PackedTraining:
    """A training that has not taken a step."""
    networks: list[Network] = []
    generators: list[torch.Generator] = []
    for bench, seed in zip(benches, seeds, strict=True):
        with seeded(seed, bench.device), survivable(FailureKind.BUILD_ERROR):
            networks.append(bench.build(arch))
            # A training draws its dropout from where the initial weights ended.
            generators.append(torch.Generator().set_state(torch.get_rng_state()))
    with survivable(FailureKind.CRASH):
        return PackedTraining(benches, PackedNetwork(networks, generators), recipe, seeds=seeds)
