"""The loop over epochs and batches."""

from collections.abc import Mapping

import torch

from nas.errors import UsageError
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.training.losses import Context, make_loss
from nas.training.optimizer import decayed, learning_rate, make_optimizer
from nas.training.recipe import Recipe
from nas.training.seeding import order_seed
from nas.training.workbench import Workbench


class Training:
    """A training in progress. Dropout draws from torch's global generators, which the caller seeds.

    Attributes:
        network: the network.
        loss: the loss that is minimised.
        optimizer: the optimizer of its weights.
        scaler: the gradient scaler, enabled for float16.
        generator: of the order of samples and of augmentation; independent of that of the initial weights.
        epoch: the number of finished epochs.
        curves: `train_loss` and the validation metrics after each epoch.
    """

    def __init__(self, bench: Workbench, network: Network, recipe: Recipe, *, seed: int) -> None:
        self.bench, self.network, self.recipe = bench, network, recipe
        samples = bench.samples
        if samples < 2:
            raise UsageError(f"training needs at least 2 samples, got {samples}")
        self.loss = make_loss(bench.task, recipe)
        self.optimizer = make_optimizer(network, recipe)
        self.scaler = torch.amp.GradScaler(bench.device.type, enabled=bench.dtype == torch.float16)
        self.generator = torch.Generator(bench.device).manual_seed(order_seed(seed))
        self.epoch = 0
        self.curves: dict[str, list[float]] = {}
        self._weights = decayed(network)
        self._batch_size = min(recipe.batch_size, samples)
        # A batch of one sample has no variance for batch norm, so a last batch of one sample is skipped.
        self._starts = [start for start in range(0, samples, self._batch_size) if samples - start > 1]
        self._seen = min(self._starts[-1] + self._batch_size, samples)

    def advance(self) -> Mapping[str, float]:
        """Trains for one epoch, and returns its `train_loss` and validation metrics, such as `val_acc`."""
        bench, recipe, network = self.bench, self.recipe, self.network
        inputs, targets = bench.train
        step, total = self.epoch * len(self._starts), recipe.epochs * len(self._starts)
        network.train()
        order = bench.order(self.generator)
        summed = torch.zeros((), device=bench.device)
        for start in self._starts:
            stop_if_asked()
            chosen = order[start : start + self._batch_size]
            batch = recipe.augment(inputs[chosen], self.generator)
            with bench.autocast():
                outputs = network(batch)
                loss = self.loss(outputs.float(), targets[chosen], Context(batch, chosen, step / total))
            summed += loss.detach() * len(chosen)
            if recipe.l1:
                loss = loss + recipe.l1 * torch.stack([weight.abs().sum() for weight in self._weights]).sum()
            self.optimizer.zero_grad()
            torch.autograd.backward([self.scaler.scale(loss)])
            if recipe.clip_norm is not None:
                self.scaler.unscale_(self.optimizer)  # type: ignore[arg-type]  # it reads `param_groups`
                self.optimizer.clip(recipe.clip_norm)
            rate = recipe.lr * learning_rate(step / total, recipe.warmup)
            self.scaler.step(self.optimizer, rate)  # type: ignore[arg-type]  # it calls `step`
            self.scaler.update()
            step += 1
        measured = {"train_loss": summed.item() / self._seen, **bench.score(network, *bench.val)}
        for name, value in measured.items():
            self.curves.setdefault(name, []).append(value)
        self.epoch += 1
        return measured
