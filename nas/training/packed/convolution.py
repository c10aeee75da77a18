"""Packed convolutions."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from nas.training.packed.values import stacked


class PackedConv(nn.Module):
    """K convolutions of one- or two-dimensional maps, with G groups each, as one with K·G groups."""

    weight: Tensor
    bias: Tensor | None

    def __init__(self, modules: Sequence[nn.Conv1d] | Sequence[nn.Conv2d]) -> None:
        super().__init__()
        first = modules[0]
        weight = torch.stack([module.weight.detach() for module in modules])
        # Whether channels are last in memory is a matter of the K·O filters; the parameter is a view of them.
        last = first.weight.dim() == 4 and first.weight.is_contiguous(memory_format=torch.channels_last)
        order = torch.channels_last if last else torch.contiguous_format
        self.weight = nn.Parameter(
            weight.flatten(0, 1).contiguous(memory_format=order).unflatten(0, (len(modules), -1))
        )
        self.bias = stacked(modules, "bias")
        self._convolve = F.conv1d if isinstance(first, nn.Conv1d) else F.conv2d
        self._options = {
            "stride": first.stride,
            "padding": first.padding,
            "dilation": first.dilation,
            "groups": len(modules) * first.groups,
        }

    def forward(self, x: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias.flatten()
        y: Tensor = self._convolve(x, self.weight.flatten(0, 1), bias, **self._options)  # type: ignore[operator]
        return y


def refuses_conv(module: nn.Conv1d | nn.Conv2d) -> str:
    """Why a convolution cannot be packed; empty if it can."""
    return "" if module.padding_mode == "zeros" else f"pads with {module.padding_mode}"
