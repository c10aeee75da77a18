"""A data set on a device, where networks are built and evaluated by the metrics of its task.

All samples are on the device from the first training if they fit there (`residence.py`), and are processed in batches,
without Python code per sample.
"""

import copy
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from nas.data import Dataset, Samples
from nas.data.pool import Rows
from nas.errors import UsageError
from nas.files import sha256
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.space import Architecture
from nas.tasks import METRICS, measured_by
from nas.tasks.metric import Needs
from nas.tasks.metrics import measure, why_undefined
from nas.tasks.task import Criterion
from nas.training.device import Device, Precision, pick_device
from nas.training.memory_format import memory_format
from nas.training.precision import autocast, pick_precision
from nas.training.residence import Elsewhere, Inputs, in_order, on_device
from nas.training.tokens import check_tokens

SCORING_BATCH = 2048
"""Samples that are scored at once; half of them, if the memory of the device does not suffice."""


class Workbench:
    """A data set on a device, with the precision of training.

    Args:
        data: the data set.
        device: `auto`: CUDA, if it is available.
        precision: of the forward pass, see `pick_precision`.
        metrics: further metrics to measure, by their names in the table of metrics.

    Attributes:
        metrics: names of all metrics that are measured.
        task: the task, with the scaling of its outputs.
        mean, std: of the inputs, per channel; networks normalise by them.
        rows: the samples of `train` that a training uses; None: all.
        samples: how many of them it sees in an epoch.
        answered: what teachers answered to samples, by the inputs and by what the answers follow from.
        further: inputs beside those of the data set, on the device if they fit there, by their hash.
        part: what tells a view from other views, in the keys of checkpoints; empty for a bench that is none.

    Raises:
        UsageError: CUDA is requested and not available, the task lacks a metric, or a metric is undefined for the
            validation part.
    """

    def __init__(
        self,
        data: Dataset,
        *,
        device: Device = "auto",
        precision: Precision = "auto",
        metrics: Sequence[str] = (),
    ) -> None:
        self.data = data
        self.task, self.mean, self.std = data.task, data.mean, data.std
        self.metrics = measured_by(data.task, metrics)
        self._check_defined(data.val.targets, "validation part")
        self.device = pick_device(device)
        self.dtype = pick_precision(precision, self.device)
        self.rows: Tensor | None = None
        self.samples = len(data.train)
        self.answered: MutableMapping[Inputs, dict[str, Any]] = WeakIdKeyDictionary()
        self.further: dict[str, Inputs] = {}
        self.part: tuple[str, ...] = ()

    @cached_property
    def train(self) -> tuple[Inputs, Tensor]:
        """Inputs and targets that trainings take batches of, on the device if they fit there."""
        return self._move(self.data.train)

    @cached_property
    def val(self) -> tuple[Inputs, Tensor]:
        """Inputs and targets that trainings are validated on, likewise."""
        return self._move(self.data.val)

    def moved(self, part: str) -> tuple[Inputs, Tensor]:
        """Inputs and targets of a part of the data set, likewise; those of the test data are moved for each call."""
        return self._move(self.data.parts[part]) if part == "test" else getattr(self, part)

    @cached_property
    def _pool(self) -> tuple[Inputs, Tensor]:
        return self._move(self.data.pool.samples)

    @property
    def resident(self) -> bool:
        """Whether the inputs of trainings are on the device."""
        return not any(isinstance(part[0], Elsewhere) for part in (self.train, self.val))

    def _refitted(self, train: Rows) -> tuple[Inputs, Tensor]:
        """The samples of the pool, prepared for a training on some of them."""
        return self._move(Samples(self.data.pool.inputs(train), self.data.pool.samples.targets))

    def view(self, *, train: Rows | None = None, val: Rows | None = None, samples: int | None = None) -> "Workbench":
        """This bench for trainings on other samples. They are not copied, unless the preparation of the data set was
        fitted to its training samples: it is then fitted to the new ones.

        Networks are normalised by the statistics of the samples that they are trained on, so that nothing of the
        validation samples is known to them.

        Args:
            train: the rows of the data set's pool to train on; None: the training part.
            val: the rows of the pool to validate on; None: the validation part.
            samples: how many training samples an epoch has, drawn anew for each; None: all.

        Raises:
            UsageError: a metric is undefined for the samples to validate on, or there are fewer training samples.
        """
        view = copy.copy(self)
        # Whatever moves to the device is an attribute of this bench, once for all views.
        refits = train is not None and self.data.pool.refits
        if train is None:
            view.train = self.train
        else:
            view.train = self._refitted(train) if refits else self._pool
            view.rows = torch.from_numpy(train).to(self.device)
            view.mean, view.std, view.task = self.data.pool.statistics(train)
        view.samples = len(self.data.train if train is None else train)
        if val is None and refits:  # the validation part is prepared for the other rows, too
            inputs, targets = view.train
            view.val = inputs[len(self.data.train) :], targets[len(self.data.train) :]
        elif val is None:
            view.val = self.val
        else:
            self._check_defined(self.data.pool.samples.targets[val], "samples of a fold")
            places = torch.from_numpy(val).to(self.device)
            inputs, targets = view.train if refits else self._pool
            view.val = inputs[places], targets[places]
        if samples is not None:
            if not 2 <= samples <= view.samples:
                raise UsageError(f"an epoch has from 2 to {view.samples} samples, got {samples}")
            view.samples = samples
        view.part = (*("" if rows is None else sha256(rows.tobytes()) for rows in (train, val)), str(view.samples))
        return view

    @property
    def known(self) -> int:
        """The number of samples that a training draws those of its epochs from."""
        return len(self.data.train) if self.rows is None else len(self.rows)

    def instead(self, inputs: Inputs) -> "Workbench":
        """This bench for trainings on other inputs in place of the training samples: they are what networks are
        normalised by, and their targets, all 0, say nothing. Outputs are scaled as ever.

        Args:
            inputs: `(N, *shape)`, on the device if they fit there.
        """
        targets = self.train[1]
        view = copy.copy(self)
        view.val = self.val
        view.train = inputs, targets.new_zeros((len(inputs), *targets.shape[1:]))
        view.rows, view.samples = torch.arange(len(inputs), device=self.device), len(inputs)
        whole = inputs.source if isinstance(inputs, Elsewhere) else inputs.cpu().numpy()
        view.mean, view.std = self.data.input.moments(whole)
        return view

    def order(self, generator: torch.Generator) -> Tensor:
        """The places in `train` of the samples of an epoch, in random order."""
        order = torch.randperm(self.known, device=self.device, generator=generator)
        return (order if self.rows is None else self.rows[order])[: self.samples]

    def _move(self, samples: Samples) -> tuple[Inputs, Tensor]:
        return on_device(samples.inputs, self.device), torch.from_numpy(samples.targets).to(self.device)

    def _check_defined(self, targets: NDArray[Any], what: str) -> None:
        """Raises UsageError if a metric is undefined for samples to validate on."""
        for name in self.metrics:
            if reason := why_undefined(name, targets, len(self.task.outputs)):
                raise UsageError(f"{name} is undefined for the {what}: {reason}")

    def build(self, arch: Architecture) -> Network:
        """A new network on the device, initialised from torch's global generator, in its `memory_format`."""
        network = network_of(arch, self).to(self.device)
        network.to(memory_format=memory_format(network, self.device))  # type: ignore[call-overload]
        return network

    def autocast(self) -> AbstractContextManager[object]:
        """The context of forward passes."""
        return autocast(self.device, self.dtype)

    def score(self, network: Network, inputs: Inputs, targets: Tensor, part: str = "val") -> dict[str, float]:
        """The metrics of a network, with the name of the part as prefix: `val_loss`, `val_acc`.

        `loss` is the mean of the task's loss. Metrics of probabilities or values are NaN if these are not finite.
        Metrics that are undefined for these targets are omitted.
        """
        network.eval()
        for size in (SCORING_BATCH, SCORING_BATCH // 2):
            try:
                loss, decoded = self._outputs(network, inputs, targets, size)
                break
            except torch.OutOfMemoryError:
                if size < SCORING_BATCH:
                    raise
        return self._measured(loss, decoded, targets, part)

    def judge(self, outputs: Tensor, targets: Tensor, part: str = "val") -> dict[str, float]:
        """The metrics of outputs `(N, K)` in float32, as `score`."""
        with torch.inference_mode():
            loss = self._criterion()(outputs, targets, reduction="sum")
            decoded = {needs: [self.task.decode(outputs, needs)] for needs in self._needed()}
        return self._measured(loss, decoded, targets, part)

    def tuned(self, predict: Callable[[Needs], NDArray[Any]], targets: NDArray[Any], aim: str) -> "Workbench":
        """This bench with the task tuned to a trained network; for the arguments, see `Task.tuned`."""
        task = self.task.tuned(predict, targets, aim)
        if task == self.task:
            return self
        view = copy.copy(self)
        view.task = task
        return view

    def _needed(self) -> set[Needs]:
        """What metrics need of outputs, besides the loss."""
        return {METRICS[name].needs for name in self.metrics} - {"loss"}

    def _criterion(self) -> Criterion:
        """The loss that is measured."""
        return next(iter(self.task.losses.values()))()

    def _measured(
        self, loss: Tensor, decoded: Mapping[Needs, list[Tensor]], targets: Tensor, part: str
    ) -> dict[str, float]:
        """The metrics, given the summed loss and what they need of the outputs, in batches."""
        mean = loss.item() / len(targets)
        predictions = {needs: torch.cat(batches).cpu().numpy() for needs, batches in decoded.items()}
        truth = targets.cpu().numpy()
        named = {"loss": mean, **measure(self.metrics, predictions, truth, len(self.task.outputs))}
        return {f"{part}_{name}": value for name, value in named.items()}

    def _outputs(
        self, network: Network, inputs: Inputs, targets: Tensor, size: int
    ) -> tuple[Tensor, dict[Needs, list[Tensor]]]:
        """The summed loss of batches of a size, and what metrics need of their outputs."""
        criterion = self._criterion()
        decoded: dict[Needs, list[Tensor]] = {needs: [] for needs in self._needed()}
        loss = torch.zeros((), device=self.device)
        with torch.inference_mode(), self.autocast():
            for x, y in zip(in_order(inputs, size), torch.split(targets, size), strict=True):
                stop_if_asked()
                outputs = network(x).float()
                loss += criterion(outputs, y, reduction="sum")
                for needs, batches in decoded.items():
                    batches.append(self.task.decode(outputs, needs))
        return loss, decoded

    def score_samples(self, network: Network, samples: Samples, part: str) -> dict[str, float]:
        """`score` for samples that are not on the device yet.

        Raises:
            UsageError: `check_tokens` fails.
        """
        check_tokens(network.arch, samples, part)
        return self.score(network, *self._move(samples), part)


def network_of(arch: Architecture, data: Dataset | Workbench) -> Network:
    """A new network for a data set, initialised from torch's global generator."""
    return Network(arch, mean=data.mean, std=data.std, scaling=data.task.scaling)


def empty_network(arch: Architecture, data: Dataset) -> Network:
    """A network on the CPU for loading weights; torch's global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        return network_of(arch, data)
