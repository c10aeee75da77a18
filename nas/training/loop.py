"""The loop over epochs and batches."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import Tensor

from nas.descent import Pace
from nas.errors import UsageError
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.training.augmented import augmentation_of, augmented
from nas.training.averaged import Average, measure_statistics
from nas.training.batch import Batch, Drawn
from nas.training.bounds import bounds_of
from nas.training.captured import Captured
from nas.training.drop_path import drop_branches
from nas.training.graphs import own_stream
from nas.training.memory_format import memory_format
from nas.training.patience import Best
from nas.training.private.mechanism import mechanism_of
from nas.training.private.step import PrivateStep
from nas.training.recipe import Recipe
from nas.training.residence import batches
from nas.training.schedule import pace
from nas.training.seeding import order_seed
from nas.training.step import Step
from nas.training.teaching import Teaching
from nas.training.trainable import augment_for
from nas.training.workbench import Workbench

BLOCK = 2**28
"""Bytes of samples that are gathered and augmented at once on CUDA."""


class Training:
    """A training in progress. Dropout draws from torch's global generators, which the caller seeds, or the mechanism of
    a private training.

    Args:
        bench: the data set, device and precision.
        network: the network.
        recipe: the training recipe.
        seed: of the order of samples and of augmentation.
        parts: see `Step`.

    Attributes:
        network: the network.
        teaching: what is distilled; None: nothing.
        mechanism: draws the batches and the noise of a private training; None: it is none.
        step: its step.
        take: takes the steps: as they are, or on CUDA from a graph.
        together: how many batches are gathered and augmented at once.
        optimizer: the optimizer of its weights.
        scaler: the gradient scaler, enabled for float16.
        generator: of the order of samples and of augmentation; independent of that of the initial weights.
        average: of the weights, which is what is measured once weights were taken in; None: the recipe has none.
        best: the best epoch so far; None: the recipe has no patience.
        epoch: the number of finished epochs.
        curves: `train_loss` and the validation metrics after each epoch.
    """

    def __init__(self, bench: Workbench, network: Network, recipe: Recipe, *, seed: int, parts: int = 1) -> None:
        self.bench, self.network, self.recipe = bench, network, recipe
        samples = bench.samples
        if samples < 2:
            raise UsageError(f"training needs at least 2 samples, got {samples}")
        self._dropping = drop_branches(network, recipe.drop_path) if recipe.drop_path else ()
        self.teaching = Teaching(bench, network, recipe, seed=seed) if recipe.learns else None
        self.mechanism = mechanism_of(bench, recipe, seed)
        if self.mechanism is None:
            self.step = Step(bench, network, recipe, parts=parts, teaching=self.teaching)
        else:
            self.step = PrivateStep(bench, network, recipe, self.mechanism, parts=parts)
        self.optimizer, self.scaler = self.step.optimizer, self.step.scaler
        self.average = self.step.average if recipe.swa is None else Average(network)
        self.best = None if recipe.patience is None else Best(recipe.monitor, recipe.patience)
        own = order_seed(seed)
        if self.mechanism is not None:
            own = self.mechanism.seed()
            torch.manual_seed(self.mechanism.seed())
        self.generator = torch.Generator(bench.device).manual_seed(own)
        self.epoch = 0
        self.curves: dict[str, list[float]] = {}
        self._batch_size = min(recipe.batch_size, samples)
        self._bounds = bounds_of(samples, self._batch_size)
        augment = augment_for(network.arch, recipe)
        self._augmentation = augmentation_of(bench, augment)
        self._stream = own_stream(bench.device)
        self.take: Callable[[Batch, float, Pace], None] = self.step
        self.together = 1  # on the CPU, an operation costs nothing to launch, and single batches stay in the caches
        if bench.device.type == "cuda":
            sample = bench.train[0][0]
            size = 4 if augment.computes else sample.element_size()
            self.together = max(1, BLOCK // (self._batch_size * sample.numel() * size))
            steps = recipe.epochs * (samples // self._batch_size)
            if self.mechanism is None:
                self.take = Captured(self.step, size=self._batch_size, steps=steps)

    def advance(self) -> Mapping[str, float]:
        """Trains for one epoch, and returns its `train_loss` and validation metrics, such as `val_acc`."""
        recipe, network = self.recipe, self.network
        steps = len(self._bounds) - 1
        step, total = self.epoch * steps, recipe.epochs * steps
        network.train()
        with self._stream:
            self.step.summed.zero_()
            drawn = self._drawn()
            for batch in self._batches(drawn):
                stop_if_asked()
                self.take(batch, step / total, pace(recipe, step, total))
                step += 1
            loss = self.step.summed.item() / max(1, drawn.bounds[-1])
            if self.epoch >= recipe.unaveraged and self.average is not None:
                self.average.update()
            with self._shown():
                measured = {"train_loss": loss, **self.bench.score(network, *self.bench.val)}
                for name, value in measured.items():
                    self.curves.setdefault(name, []).append(value)
                if self.best is not None:
                    self.best.note(self.curves, network)
        self.epoch += 1
        return measured

    @contextmanager
    def _shown(self) -> Iterator[None]:
        """Within this block, the network has the weights that are measured."""
        if self.average is None or not self.average.taken:
            yield
            return
        with self.average.shown():
            if self.recipe.swa is not None:
                with self.bench.autocast():
                    measure_statistics(self.network, self._plain())
            yield

    def _plain(self) -> Iterator[Tensor]:
        """The training samples in batches, in their order, without augmentation."""
        inputs, targets = self.bench.train
        rows = torch.arange(len(targets), device=targets.device) if self.bench.rows is None else self.bench.rows
        bounds = bounds_of(len(rows), self._batch_size)
        for batch in batches(inputs, [rows[start:end] for start, end in pairwise(bounds)]):
            stop_if_asked()
            yield batch

    @property
    def ended(self) -> bool:
        """Whether patience has run out."""
        return self.best is not None and self.best.ends(self.epoch)

    def finish(self) -> Mapping[str, tuple[float, ...]]:
        """Leaves the network with the weights that the training was for, and without what it only needs in training.

        Returns:
            The curves up to the epoch of these weights.
        """
        for handle in self._dropping:
            handle.remove()
        last = self.epoch
        if self.best is not None:
            last = self.best.epoch
            self.network.load_state_dict(self.best.weights)
        elif self.average is not None and self.average.taken:
            self.average.show()
        return {name: tuple(curve[:last]) for name, curve in self.curves.items()}

    def _drawn(self) -> Drawn:
        """The batches of an epoch: all samples in random order, or those that the mechanism draws."""
        if self.mechanism is not None:
            return self.mechanism.draw()
        return Drawn(self.bench.order(self.generator), self._bounds)

    def _batches(self, drawn: Drawn) -> Iterator[Batch]:
        """The batches of an epoch, whose samples are gathered and augmented in blocks."""
        inputs, targets = self.bench.train
        order, bounds = drawn
        groups = [bounds[first : first + self.together + 1] for first in range(0, len(bounds) - 1, self.together)]
        places = [order[group[0] : group[-1]] for group in groups]
        more = None if self.teaching is None else self.teaching.more(self.epoch, len(order))
        for group, chosen, gathered in zip(groups, places, batches(inputs, places), strict=True):
            block = augmented(gathered, targets, chosen, self._augmentation, self.generator)
            if more is not None:
                block = more(block, group[0], self._augmentation)
            if block.inputs.ndim == 4 and block.inputs.device.type == "cuda":
                ordered = block.inputs.contiguous(memory_format=memory_format(self.network, block.inputs.device))
                block = block._replace(inputs=ordered)
            if len(group) == 2:
                yield block
                continue
            for start, end in pairwise(group):
                yield block.part(start - group[0], end - group[0])
