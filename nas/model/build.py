"""Networks as PyTorch modules, built from architectures."""

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from nas.arguments import checked
from nas.ops import Merge, Op
from nas.space import Architecture


@checked
class Network(nn.Module):
    """The network of an architecture, with PyTorch's default initialisation from the global generator.

    Its input is a batch of samples `(N, *arch.input)` as in the data set, of any numeric dtype, which it normalises
    with its buffers `mean` and `std`. Its output is `(N, *arch.output)`. Layers are attributes with the names of
    `Architecture.names`.

    Token indices are not normalised: the buffers are then 0 and 1. They remain float32 under autocast, and thus exact.

    Args:
        arch: the architecture.
        mean: of the inputs, per channel.
        std: standard deviation of the inputs, per channel.
        scaling: mean and standard deviation for each output; the output of the layers is multiplied by the latter and
            shifted by the former (buffers `output_std` and `output_mean`). None: it is not scaled.
    """

    mean: Tensor
    std: Tensor
    output_mean: Tensor | None
    output_std: Tensor | None

    def __init__(
        self,
        arch: Architecture,
        *,
        mean: ArrayLike = 0.0,
        std: ArrayLike = 1.0,
        scaling: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> None:
        super().__init__()
        self.arch = arch
        if arch.tokens is not None:
            mean, std = 0.0, 1.0
        self.register_buffer("mean", _copied(mean))
        self.register_buffer("std", _copied(std))
        for name, value in zip(("output_mean", "output_std"), scaling or (None, None), strict=True):
            self.register_buffer(name, None if value is None else _copied(value))
        shapes = (arch.input, *(layer.output for layer in arch.layers))
        for name, layer in zip(arch.names, arch.layers, strict=True):
            if isinstance(layer.op, Op):
                self.add_module(name, layer.op.module(shapes[layer.inputs[0]]))
        readers = {index: place for place, layer in enumerate(arch.layers) for index in layer.inputs}
        self._unread: list[list[int]] = [[] for _ in arch.layers]  # after each layer, the values that it read last
        for index, last in readers.items():
            self._unread[last].append(index)

    def forward(self, x: Tensor) -> Tensor:
        values = {0: (x.to(self.mean.dtype) - self.mean) / self.std}
        output = values[0]
        for place, (name, layer) in enumerate(zip(self.arch.names, self.arch.layers, strict=True)):
            inputs = [values[index] for index in layer.inputs]
            output = layer.op.combine(inputs) if isinstance(layer.op, Merge) else getattr(self, name)(inputs[0])
            for index in self._unread[place]:
                del values[index]
            values[place + 1] = output
        if self.output_mean is None or self.output_std is None:
            return output
        return output * self.output_std + self.output_mean


def _copied(value: ArrayLike) -> Tensor:
    """A tensor of its own: weights that are loaded into a network must not change the array of a data set."""
    return torch.as_tensor(value, dtype=torch.float32).clone()
