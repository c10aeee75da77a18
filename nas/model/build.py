"""From an architecture to a network."""

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from nas.arguments import checked
from nas.ops import Merge, Op
from nas.space import Architecture


@checked
class Network(nn.Module):
    """The network of an architecture, initialised by PyTorch's defaults from the global generator.

    It takes samples `(N, *arch.input)` as they are in the data set, of any number type, normalises them with its
    buffers `mean` and `std`, and gives `(N, *arch.output)`. Layers are attributes named by `Architecture.names`.

    Token numbers are never normalised: `mean` is 0 and `std` 1 then, whatever is given. They stay float32 under
    autocast as well, and so exact.

    With `scaling`, a mean and a standard deviation for each output, what comes out is what the layers give times
    `output_std` plus `output_mean`, two more buffers.
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
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32))
        self.register_buffer("std", torch.as_tensor(std, dtype=torch.float32))
        for name, value in zip(("output_mean", "output_std"), scaling or (None, None), strict=True):
            self.register_buffer(name, None if value is None else torch.as_tensor(value, dtype=torch.float32))
        shapes = (arch.input, *(layer.output for layer in arch.layers))
        for name, layer in zip(arch.names, arch.layers, strict=True):
            if isinstance(layer.op, Op):
                self.add_module(name, layer.op.module(shapes[layer.inputs[0]]))

    def forward(self, x: Tensor) -> Tensor:
        values = [(x.to(self.mean.dtype) - self.mean) / self.std]
        for name, layer in zip(self.arch.names, self.arch.layers, strict=True):
            inputs = [values[index] for index in layer.inputs]
            if isinstance(layer.op, Merge):
                values.append(layer.op.combine(inputs))
            else:
                values.append(self.get_submodule(name)(inputs[0]))
        if self.output_mean is None or self.output_std is None:
            return values[-1]
        return values[-1] * self.output_std + self.output_mean
