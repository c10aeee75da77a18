"""The loop over epochs and batches of a packed network."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from nas.data import Augment
from nas.data.augmentation.batches import Augmentation
from nas.descent import Pace
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.tasks.task import Criterion
from nas.training.augmented import augmentation_of, augmented
from nas.training.averaged import Average
from nas.training.batch import Batch
from nas.training.bounds import bounds_of
from nas.training.losses import Mixture, make_criterion, mixed_losses
from nas.training.optimizer import optimizer_of
from nas.training.packed.network import PackedNetwork
from nas.training.packed.scoring import Scoring
from nas.training.recipe import Recipe
from nas.training.schedule import pace
from nas.training.seeding import order_seed
from nas.training.trainable import augment_for
from nas.training.workbench import Workbench


class PackedTraining:
    """The trainings of the copies of a packed network, in progress, on a CPU and in float32.

    Each copy sees the batches that it would see alone, and has its own loss, norm of the gradient and metrics. Nothing
    passes from one copy to another: where one is no longer finite, the others are what they would be.

    Args:
        benches: of the copies; with an equal number of samples in an epoch.
        network: the packed network.
        recipe: the training recipe.
        seeds: of the copies, for the order of samples and augmentation.

    Attributes:
        network: the packed network.
        optimizer: the optimizer of its weights.
        average: of the weights, which is what is measured; None: the recipe has none.
        generators: of the order of samples and augmentation, and of the dropout, of each copy, by names.
        epoch: the number of finished epochs.
        curves: of each copy, `train_loss` and the validation metrics after each epoch.
    """

    def __init__(
        self, benches: Sequence[Workbench], network: PackedNetwork, recipe: Recipe, *, seeds: Sequence[int]
    ) -> None:
        self.network, self._benches, self._recipe = network, benches, recipe
        samples = benches[0].samples
        self._generators = [torch.Generator().manual_seed(order_seed(seed)) for seed in seeds]
        self.generators = {
            f"{kind}.{copy}": generator
            for kind, each in (("order", self._generators), ("dropout", network.generators))
            for copy, generator in enumerate(each)
        }
        self._criteria = [make_criterion(bench.task, recipe) for bench in benches]
        self._one_loss = all(criterion == self._criteria[0] for criterion in self._criteria)
        self._weights = network.decayed()
        self.optimizer = optimizer_of(list(network.parameters()), network.networks[0], recipe, copies=True)
        self.average = None if recipe.ema is None else Average(network, recipe.ema)
        self._scoring = Scoring(benches, network)
        self._bounds = bounds_of(samples, min(recipe.batch_size, samples))
        augment = augment_for(network.arch, recipe)
        self._augmentations = [augmentation_of(bench, augment) for bench in benches]
        self._gathered_at_once = augment == Augment() and all(
            bench.train[0] is benches[0].train[0] for bench in benches
        )
        self.epoch = 0
        self.curves: list[dict[str, list[float]]] = [{} for _ in benches]

    def advance(self) -> Sequence[Mapping[str, float]]:
        """Trains for one epoch, and returns the `train_loss` and the validation metrics of each copy."""
        recipe = self._recipe
        steps = len(self._bounds) - 1
        step, total = self.epoch * steps, recipe.epochs * steps
        self.network.train()
        orders = [bench.order(generator) for bench, generator in zip(self._benches, self._generators, strict=True)]
        order = torch.stack(orders, dim=1)
        summed = torch.zeros(self.network.copies)
        for start, end in pairwise(self._bounds):
            stop_if_asked()
            chosen = order[start:end]
            summed += self._step(self._batch(chosen), pace(recipe, step, total)) * len(chosen)
            step += 1
        with nullcontext() if self.average is None else self.average.shown():
            found = zip(summed.tolist(), self._scoring(), strict=True)
        measured = [{"train_loss": loss / self._bounds[-1], **metrics} for loss, metrics in found]
        for curves, metrics in zip(self.curves, measured, strict=True):
            for name, value in metrics.items():
                curves.setdefault(name, []).append(value)
        self.epoch += 1
        return measured

    def finish(self) -> Sequence[Network]:
        """The networks of the copies, with the weights that the training was for."""
        if self.average is not None:
            self.average.show()
        return self.network.unpack()

    def _batch(self, chosen: Tensor) -> "_Batches":
        """The samples at places `(N, K)`."""
        if self._gathered_at_once:
            inputs, targets = self._benches[0].train
            return _Batches(inputs[chosen], targets[chosen.T])
        copies = zip(self._benches, chosen.unbind(1), self._augmentations, self._generators, strict=True)
        batches = [_augmented(*copy) for copy in copies]
        mixtures = [mixture for batch in batches if (mixture := batch.mixture()) is not None]
        return _Batches(
            torch.stack([batch.inputs for batch in batches], dim=1),
            torch.stack([batch.targets for batch in batches]),
            Mixture(*map(torch.stack, zip(*mixtures, strict=True))) if mixtures else None,
        )

    def _step(self, batches: "_Batches", at: Pace) -> Tensor:
        """Takes a step, and returns the loss of each copy, `(K,)`."""
        recipe, optimizer = self._recipe, self.optimizer
        losses = self._losses(self.network(batches.inputs), batches.targets, batches.mixture)
        loss = losses.sum()
        if recipe.l1:
            loss = loss + recipe.l1 * torch.stack([weight.abs().sum() for weight in self._weights]).sum()
        optimizer.zero_grad()
        torch.autograd.backward([loss])
        if recipe.clip_norm is not None:
            clip_each([one.grad for one in optimizer.parameters if one.grad is not None], recipe.clip_norm)
        optimizer.step(*at)
        if self.average is not None:
            self.average.update()
        return losses.detach()

    def _losses(self, outputs: Tensor, targets: Tensor, mixture: Mixture | None) -> Tensor:
        """The mean loss of each copy, `(K,)`."""
        if self._one_loss:
            mixed = None if mixture is None else Mixture(*(one.flatten(0, 1) for one in mixture))
            each = _each(self._criteria[0], outputs.flatten(0, 1), targets.flatten(0, 1), mixed)
            return each.view(len(targets), -1).mean(1)
        found = zip(self._criteria, outputs, targets, strict=True)
        if mixture is None:
            return torch.stack([criterion(values, wanted) for criterion, values, wanted in found])
        mixtures = map(Mixture, *mixture)
        return torch.stack([mixed_losses(*of_one, mix).mean() for of_one, mix in zip(found, mixtures, strict=True)])


class _Batches(NamedTuple):
    """The samples of a step of K copies.

    Attributes:
        inputs: `(N, K, *shape)`, augmented.
        targets: `(K, N, ...)`.
        mixture: what samples are mixed with, `(K, N, ...)`; None: they are not mixed.
    """

    inputs: Tensor
    targets: Tensor
    mixture: Mixture | None = None


def _augmented(bench: Workbench, places: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Batch:
    """The batch of a copy."""
    inputs, targets = bench.train
    return augmented(inputs[places], targets, places, augmentation, generator)


def _each(criterion: Criterion, outputs: Tensor, targets: Tensor, mixture: Mixture | None) -> Tensor:
    """The loss of each sample, `(N,)`."""
    if mixture is None:
        return criterion(outputs, targets, reduction="none")
    return mixed_losses(criterion, outputs, targets, mixture)


@torch.no_grad()
def clip_each(gradients: Sequence[Tensor], most: float) -> None:
    """Scales gradients `(K, ...)` so that the norm of all of them together is at most `most` for each copy.

    As `torch.nn.utils.clip_grad_norm_` of each copy, within rounding.
    """
    if gradients:
        each = [torch.linalg.vector_norm(one, dim=tuple(range(1, one.dim()))) for one in gradients]
        factor = torch.clamp(most / (torch.linalg.vector_norm(torch.stack(each), dim=0) + 1e-6), max=1.0)
        for gradient in gradients:
            gradient.mul_(factor.view(-1, *[1] * (gradient.dim() - 1)))
