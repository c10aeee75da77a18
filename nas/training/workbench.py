"""A data set on a device, where networks are built and evaluated by the metrics of its task.

All samples are on the device from the start, and are processed in batches, without Python code per sample.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nas.data import Dataset, Samples
from nas.errors import UsageError
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.space import Architecture
from nas.tasks import METRICS, measured_by
from nas.tasks.metric import Needs
from nas.training.device import Device, Precision, pick_device
from nas.training.memory_format import memory_format
from nas.training.precision import pick_precision
from nas.training.tokens import check_tokens

SCORING_BATCH = 2048


class Workbench:
    """A data set on a device, with the precision of training.

    Args:
        data: the data set.
        device: `auto`: CUDA, if it is available.
        precision: of the forward pass, see `pick_precision`.
        metrics: further metrics to measure, by their names in the table of metrics.

    Attributes:
        metrics: names of all metrics that are measured.

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
        self.metrics = measured_by(data.task, metrics)
        self._check_defined()
        self.device = pick_device(device)
        self.dtype = pick_precision(precision, self.device)
        self.train = self._move(data.train)
        self.val = self._move(data.val)

    def _move(self, samples: Samples) -> tuple[Tensor, Tensor]:
        inputs, targets = (torch.from_numpy(array).to(self.device) for array in samples)
        if self.device.type == "cuda" and inputs.ndim == 4:
            inputs = inputs.to(memory_format=torch.channels_last)
        return inputs, targets

    def _check_defined(self) -> None:
        """Raises UsageError if a metric is undefined for the validation part."""
        for name in self.metrics:
            if reason := _undefined(name, self.data.val.targets, self.data):
                raise UsageError(f"{name} is undefined for the validation part: {reason}")

    def build(self, arch: Architecture) -> Network:
        """A new network on the device, initialised from torch's global generator, in its `memory_format`."""
        network = network_of(arch, self.data).to(self.device)
        network.to(memory_format=memory_format(network, self.device))  # type: ignore[call-overload]
        return network

    def empty(self, arch: Architecture) -> Network:
        """A network on the CPU for loading weights; its own are uninitialised, and no generator is used."""
        with torch.device("meta"):
            network = network_of(arch, self.data)
        return network.to_empty(device="cpu")

    def autocast(self) -> AbstractContextManager[object]:
        """The context of forward passes."""
        return nullcontext() if self.dtype == torch.float32 else torch.autocast(self.device.type, dtype=self.dtype)

    def score(self, network: Network, inputs: Tensor, targets: Tensor, part: str = "val") -> dict[str, float]:
        """The metrics of a network, with the name of the part as prefix: `val_loss`, `val_acc`.

        `loss` is the mean of the task's loss. Metrics of probabilities or values are NaN if these are not finite.
        Metrics that are undefined for these targets are omitted.
        """
        network.eval()
        criterion = next(iter(self.data.task.losses.values()))()
        needed: set[Needs] = {METRICS[name].needs for name in self.metrics} - {"loss"}
        decoded: dict[Needs, list[Tensor]] = {needs: [] for needs in needed}
        loss = torch.zeros((), device=self.device)
        with torch.inference_mode(), self.autocast():
            for x, y in zip(torch.split(inputs, SCORING_BATCH), torch.split(targets, SCORING_BATCH), strict=True):
                stop_if_asked()
                outputs = network(x).float()
                loss += criterion(outputs, y, reduction="sum")
                for needs, batches in decoded.items():
                    batches.append(self.data.task.decode(outputs, needs))
        mean = loss.item() / len(targets)
        predictions = {needs: torch.cat(batches).cpu().numpy() for needs, batches in decoded.items()}
        truth = targets.cpu().numpy()
        measured = {}
        for name in self.metrics:
            metric = METRICS[name]
            if _undefined(name, truth, self.data):
                continue
            if metric.compute is None:
                measured[f"{part}_{name}"] = mean
            elif metric.needs == "labels" or np.isfinite(predictions[metric.needs]).all():
                measured[f"{part}_{name}"] = metric.compute(predictions[metric.needs], truth)
            else:
                measured[f"{part}_{name}"] = np.nan
        return measured

    def score_samples(self, network: Network, samples: Samples, part: str) -> dict[str, float]:
        """`score` for samples that are not on the device yet.

        Raises:
            UsageError: `check_tokens` fails.
        """
        check_tokens(network.arch, samples, part)
        return self.score(network, *self._move(samples), part)


def network_of(arch: Architecture, data: Dataset) -> Network:
    """A new network for a data set, initialised from torch's global generator."""
    return Network(arch, mean=data.mean, std=data.std, scaling=data.task.scaling)


def _undefined(metric: str, targets: NDArray[Any], data: Dataset) -> str:
    """Why a metric is undefined for targets; empty if it is defined."""
    undefined = METRICS[metric].undefined
    return "" if undefined is None else undefined(targets, len(data.outputs))
