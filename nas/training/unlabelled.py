"""Inputs without targets in the batches of a training."""

from collections.abc import Callable

import torch

from nas.data.augmentation.batches import Augmentation
from nas.distillation import Distill
from nas.training.batch import Batch
from nas.training.recipe import Recipe
from nas.training.residence import Inputs, on_device
from nas.training.seeding import companion_seed
from nas.training.workbench import Workbench

Adding = Callable[[Batch, int, Augmentation], Batch]
"""Adds inputs without targets to samples, given the place of the first one in the order of the epoch and how inputs are
augmented."""


def further_inputs(bench: Workbench, distill: Distill) -> Inputs:
    """The inputs without targets of a recipe, on the device if they fit there: read or made once for each bench.

    Args:
        bench: the data set, device and precision.
        distill: with `unlabelled`.
    """
    source = distill.unlabelled
    assert source is not None  # noqa: S101  the caller has asked
    key = source.key(distill.teacher)
    if key not in bench.further:
        bench.further[key] = on_device(source.prepared(bench.data, distill.teacher, bench.device), bench.device)
    return bench.further[key]


def bench_for(bench: Workbench, recipe: Recipe) -> Workbench:
    """The bench of a training: if a recipe says so, one whose training samples are inputs that are made."""
    if recipe.distill is None or not recipe.distill.alone:
        return bench
    return bench.instead(further_inputs(bench, recipe.distill))


class UnlabelledPool:
    """The inputs without targets of a training, in an order of their own.

    Args:
        inputs: all of them, prepared.
        device: where batches are needed.
        seed: of the training.
    """

    def __init__(self, inputs: Inputs, device: torch.device, *, seed: int) -> None:
        self.inputs = inputs
        self._seed, self._device = seed, device

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
