"""A data set on a device, where networks are made and scored.

Everything runs on batches of tensors that are on the device from the start; there is no Python work per sample.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from nas.data import Dataset, Samples
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.space import Architecture
from nas.training.device import Device, Precision, pick_device
from nas.training.precision import pick_precision
from nas.training.tokens import check_tokens

SCORING_BATCH = 2048


class Workbench:
    """A data set on a device, and the precision to train in there.

    Args:
        data: what to train on.
        device: `auto` takes CUDA where there is a device.
        precision: of the forward pass, see `pick_precision`.

    Raises:
        UsageError: CUDA is asked for and there is none.
    """

    def __init__(self, data: Dataset, *, device: Device = "auto", precision: Precision = "auto") -> None:
        self.data = data
        self.device = pick_device(device)
        self.dtype = pick_precision(precision, self.device)
        # The first optimizer of a process imports torch's compiler: time that no network should be charged with.
        torch.optim.SGD([nn.Parameter(torch.zeros(1))])
        self.train = self._move(data.train)
        self.val = self._move(data.val)

    def _move(self, samples: Samples) -> tuple[Tensor, Tensor]:
        inputs, labels = (torch.from_numpy(array).to(self.device) for array in samples)
        return (inputs.to(memory_format=torch.channels_last) if self._channels_last(inputs) else inputs), labels

    def _channels_last(self, inputs: Tensor) -> bool:
        return self.device.type == "cuda" and inputs.ndim == 4

    def build(self, arch: Architecture) -> Network:
        """A new network on the device, initialised from torch's global generator."""
        network = Network(arch, mean=self.data.mean, std=self.data.std).to(self.device)
        if self._channels_last(self.train[0]):
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return network

    def empty(self, arch: Architecture) -> Network:
        """A network on the CPU, to load weights into; its own begin anywhere, and no generator is touched."""
        with torch.device("meta"):
            network = Network(arch, mean=self.data.mean, std=self.data.std)
        return network.to_empty(device="cpu")

    def autocast(self) -> torch.autocast:
        """The context that forward passes run in."""
        return torch.autocast(self.device.type, dtype=self.dtype, enabled=self.dtype != torch.float32)

    def score(self, network: Network, inputs: Tensor, labels: Tensor, part: str = "val") -> dict[str, float]:
        """Mean cross-entropy `{part}_loss` and accuracy `{part}_acc` in [0, 1] of a network."""
        network.eval()
        loss = torch.zeros((), device=self.device)
        right = torch.zeros((), device=self.device, dtype=torch.int64)
        with torch.inference_mode(), self.autocast():
            for x, y in zip(torch.split(inputs, SCORING_BATCH), torch.split(labels, SCORING_BATCH), strict=True):
                stop_if_asked()
                logits = network(x).float()
                loss += functional.cross_entropy(logits, y, reduction="sum")
                right += (logits.argmax(dim=1) == y).sum()
        return {f"{part}_loss": loss.item() / len(labels), f"{part}_acc": right.item() / len(labels)}

    def score_samples(self, network: Network, samples: Samples, part: str) -> dict[str, float]:
        """`score` for samples that are not on the device yet. Raises UsageError as `check_tokens` does."""
        check_tokens(network.arch, samples, part)
        return self.score(network, *self._move(samples), part)
