"""Inputs without targets in the batches of a training."""

from collections.abc import Callable

import torch

from nas.data.augmentation.batches import Augmentation
from nas.distillation.unlabelled import Unlabelled
from nas.training.batch import Batch
from nas.training.residence import Inputs, on_device
from nas.training.seeding import companion_seed
from nas.training.workbench import Workbench

Adding = Callable[[Batch, int, Augmentation], Batch]
"""Adds inputs without targets to samples, given the place of the first one in the order of the epoch and how inputs are
augmented."""


class UnlabelledPool:
    """The inputs without targets of a training, in an order of their own.

    Args:
        bench: the data set, device and precision.
        unlabelled: the inputs.
        seed: of the training.

    Attributes:
        inputs: all of them, prepared.
    """

    def __init__(self, bench: Workbench, unlabelled: Unlabelled, *, seed: int) -> None:
        key = unlabelled.sha256
        if key not in bench.further:
            bench.further[key] = on_device(unlabelled.prepared(bench.data), bench.device)
        self.inputs: Inputs = bench.further[key]
        self._seed, self._device = seed, bench.device

    def adding(self, epoch: int, count: int) -> Adding:
        """What adds as many of the inputs to the samples of an epoch: each is used once before one is used again.

        Args:
            epoch: from 0; it decides the order, so that a resumed training sees the same.
            count: the number of samples of the epoch.
        """
        generator = torch.Generator(self._device).manual_seed(companion_seed(self._seed, epoch))
        rounds = -(-count // len(self.inputs))
        orders = [torch.randperm(len(self.inputs), device=self._device, generator=generator) for _ in range(rounds)]
        order = torch.cat(orders)[:count]

        def add(block: Batch, start: int, augmentation: Augmentation) -> Batch:
            places = order[start : start + len(block.samples)]
            return block._replace(more=augmentation(self.inputs[places], generator).inputs, places=places)

        return add
