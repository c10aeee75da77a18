"""One step of a training: the loss of a batch, its gradient, and the update of the weights."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from nas.descent import Pace
from nas.model import Network
from nas.training.averaged import Average
from nas.training.losses import Context, Mixture, make_loss
from nas.training.optimizer import decayed, make_optimizer
from nas.training.recipe import Recipe
from nas.training.workbench import Workbench


class Batch(NamedTuple):
    """The samples of a step, on the device.

    Attributes:
        inputs: `(N, *shape)`, augmented.
        targets: `(N,)`, or `(N, K)`.
        samples: `(N,)`, their places in the training data.
        others: the targets of the samples that these are mixed with; None: they are not mixed.
        shares: `(N,)`, the shares of the samples themselves, in [0, 1]; None: they are not mixed.
    """

    inputs: Tensor
    targets: Tensor
    samples: Tensor
    others: Tensor | None = None
    shares: Tensor | None = None

    def each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """A batch of changed tensors."""
        return Batch._make(None if one is None else change(one) for one in self)

    def part(self, start: int, end: int) -> "Batch":
        """The samples from place `start` up to `end`."""
        return self.each(lambda tensor: tensor[start:end])

    def mixture(self) -> Mixture | None:
        """What the samples are mixed with, for their loss."""
        return None if self.others is None or self.shares is None else Mixture(self.others, self.shares)

    def divided(self, parts: int) -> Iterator["Batch"]:
        """The batch in `parts` of nearly equal size, or whole if they would have a single sample: such a part has no
        variance for batch norm."""
        count = len(self.samples)
        if parts == 1 or count < 2 * parts:
            yield self
            return
        ends = [count * part // parts for part in range(parts + 1)]
        for start, end in pairwise(ends):
            yield self.part(start, end)


class Step:
    """Takes the steps of a training. It never waits for the device, so that the host can go ahead of it.

    Args:
        bench: the data set, device and precision.
        network: the network.
        recipe: the training recipe.
        parts: how many parts each batch is divided into. Their gradients are accumulated, which needs less memory.
            Batch norm then normalises each part by itself; without batch norm and dropout, the result is that of whole
            batches within rounding.

    Attributes:
        loss: the loss that is minimised.
        optimizer: the optimizer of the weights.
        scaler: the scaler of the gradients, enabled for float16.
        average: of the weights; None: the recipe has none.
        summed: the losses of all samples so far, summed: a tensor without dimensions, set to 0 by the caller.
    """

    def __init__(self, bench: Workbench, network: Network, recipe: Recipe, *, parts: int = 1) -> None:
        self.loss = make_loss(bench.task, recipe)
        self.optimizer = make_optimizer(network, recipe)
        self.scaler = torch.amp.GradScaler(bench.device.type, enabled=bench.dtype == torch.float16)
        self.average = None if recipe.ema is None else Average(network, recipe.ema)
        self.summed = torch.zeros((), device=bench.device)
        self._bench, self._recipe, self._parts = bench, recipe, parts
        self._network = compiled(network, recipe, bench.device)
        self._weights = decayed(network)

    def __call__(self, batch: Batch, progress: float | Tensor, pace: Pace) -> None:
        """Takes a step.

        Args:
            batch: the samples.
            progress: the fraction of all steps that have been taken, in [0, 1); a tensor without dimensions where the
                step is captured.
            pace: how far it goes.
        """
        self.optimizer.zero_grad()
        penalty = self._recipe.l1
        for part in batch.divided(self._parts):
            count = len(part.samples)
            with self._bench.autocast():
                outputs = self._network(part.inputs)
                loss = self.loss(
                    outputs.float(), part.targets, Context(part.inputs, part.samples, progress, part.mixture())
                )
            self.summed += loss.detach() * count
            if count < len(batch.samples):
                loss = loss * (count / len(batch.samples))
            if penalty:
                loss = loss + penalty * torch.stack([weight.abs().sum() for weight in self._weights]).sum()
                penalty = 0.0  # once for all parts
            torch.autograd.backward([self.scaler.scale(loss)])
        if self._recipe.clip_norm is not None:
            self.scaler.unscale_(self.optimizer)  # type: ignore[arg-type]  # it reads `param_groups`
            self.optimizer.clip(self._recipe.clip_norm)
        self.scaler.step(self.optimizer, *pace)  # type: ignore[arg-type]  # it calls `step`
        self.scaler.update()
        if self.average is not None:
            self.average.update()


def compiled(network: Network, recipe: Recipe, device: torch.device) -> Callable[[Tensor], Tensor]:
    """A network as its steps run it: compiled by torch, if the recipe says so for the device."""
    wanted = recipe.compile == "always" or (recipe.compile == "cuda" and device.type == "cuda")
    return torch.compile(network) if wanted else network
