"""Packed convolutions."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nas.training.packed.values import split, stacked


class PackedConv(nn.Module):
    """K convolutions of one- or two-dimensional maps, with G groups each, as one with K·G groups."""

    weight: Tensor
    bias: Tensor | None

    def __init__(self, modules: Sequence[nn.Conv1d] | Sequence[nn.Conv2d]) -> None:
        super().__init__()
        first = modules[0]
        filters = torch.stack([module.weight.detach() for module in modules]).flatten(0, 1)
        # The convolution computes in the order of its filters: the parameter is a view of filters in that of the first.
        if filters.dim() == 4 and first.weight.stride(1) == 1:
            filters = filters.contiguous(memory_format=torch.channels_last)
        self.weight = nn.Parameter(split(filters, 0, len(modules), -1))
        self.bias = stacked(modules, "bias")
        self._stride, self._dilation = first.stride, first.dilation
        self._padding = [int(size) for size in first.padding]
        self._groups = len(modules) * first.groups

    def forward(self, x: Tensor) -> Tensor:
        return torch.convolution(
            x,
            self.weight.flatten(0, 1),
            None if self.bias is None else self.bias.flatten(),
            self._stride,
            self._padding,
            self._dilation,
            transposed=False,
            output_padding=[0] * len(self._padding),
            groups=self._groups,
        )


def refuses_conv(module: nn.Conv1d | nn.Conv2d) -> str:
    """Why a convolution cannot be packed; empty if it can."""
    if module.padding_mode != "zeros":
        return f"pads with {module.padding_mode}"
    return f"has padding {module.padding!r}" if isinstance(module.padding, str) else ""
