"""One step of a training: the loss of a batch, its gradient, and the update of the weights."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from nas.descent import Descent, Pace
from nas.model import Network
from nas.training.averaged import Average
from nas.training.batch import Batch
from nas.training.losses import make_loss
from nas.training.optimizer import decayed, make_optimizer
from nas.training.recipe import Recipe
from nas.training.teaching import Teaching
from nas.training.workbench import Workbench


class Step:
    """Takes the steps of a training. It never waits for the device, so that the host can go ahead of it.

    Args:
        bench: the data set, device and precision.
        network: the network.
        recipe: the training recipe.
        parts: how many parts each batch is divided into. Their gradients are accumulated, which needs less memory.
            Batch norm then normalises each part by itself; without batch norm and dropout, the result is that of whole
            batches within rounding.
        teaching: what is distilled; None: nothing.

    Attributes:
        loss: the loss that is minimised.
        optimizer: the optimizer of the weights.
        scaler: the scaler of the gradients, enabled for float16.
        average: of the weights; None: the recipe has none.
        teaching: what is distilled; None: nothing.
        summed: the losses of all samples so far, summed: a tensor without dimensions, set to 0 by the caller.
    """

    def __init__(
        self, bench: Workbench, network: Network, recipe: Recipe, *, parts: int = 1, teaching: Teaching | None = None
    ) -> None:
        self.loss = make_loss(bench.task, recipe)
        self.optimizer = make_optimizer(network, recipe)
        self.scaler = torch.amp.GradScaler(bench.device.type, enabled=bench.dtype == torch.float16)
        self.average = None if recipe.ema is None else Average(network, recipe.ema)
        self.teaching = teaching
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
        for one in self._optimizers:
            one.zero_grad()
        self._differentiate(batch, progress)
        for one in self._optimizers:
            self.scaler.step(one, *pace)  # type: ignore[arg-type]  # it calls `step`
        self.scaler.update()
        if self.average is not None:
            self.average.update()

    def _differentiate(self, batch: Batch, progress: float | Tensor) -> None:
        """Sets the gradients, clipped."""
        penalty = self._recipe.l1
        for part in batch.divided(self._parts):
            count = len(part.samples)
            with self._bench.autocast():
                loss = self._loss(part, progress)
            self.summed += loss.detach() * count
            if count < len(batch.samples):
                loss = loss * (count / len(batch.samples))
            if penalty:
                loss = loss + penalty * torch.stack([weight.abs().sum() for weight in self._weights]).sum()
                penalty = 0.0  # once for all parts
            torch.autograd.backward([self.scaler.scale(loss)])
        if self._recipe.clip_norm is not None:
            for one in self._optimizers:
                self.scaler.unscale_(one)  # type: ignore[arg-type]  # it reads `param_groups`
                one.clip(self._recipe.clip_norm)

    @property
    def _optimizers(self) -> Sequence[Descent]:
        """Of the network, and of what is trained beside it."""
        beside = None if self.teaching is None else self.teaching.optimizer
        return [self.optimizer] if beside is None else [self.optimizer, beside]

    def _loss(self, batch: Batch, progress: float | Tensor) -> Tensor:
        """The mean loss of a batch."""
        if self.teaching is not None:
            return self.teaching(self._network, self.loss, batch, progress)
        return self.loss(self._network(batch.inputs).float(), batch.targets, batch.mixture())


def compiled(network: Network, recipe: Recipe, device: torch.device) -> Callable[[Tensor], Tensor]:
    """A network as its steps run it: compiled by torch, if the recipe says so for the device."""
    return torch.compile(network) if recipe.compiles(device.type) else network
