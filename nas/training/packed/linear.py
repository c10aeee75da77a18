"""Packed linear layers."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nas.training.packed.values import split, stacked


class PackedLinear(nn.Module):
    """K linear layers: `(K, ..., F)` to `(K, ..., O)`, by a batched product of matrices."""

    weight: Tensor
    bias: Tensor | None

    def __init__(self, modules: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = stacked(modules, "weight")  # type: ignore[assignment]
        self.bias = stacked(modules, "bias")

    def forward(self, x: Tensor) -> Tensor:
        rows = x if x.dim() == 3 else x.flatten(1, -2)
        weight = self.weight.mT
        y = torch.bmm(rows, weight) if self.bias is None else torch.baddbmm(self.bias.unsqueeze(1), rows, weight)
        return y if x.dim() == 3 else split(y, 1, *x.shape[1:-1])
