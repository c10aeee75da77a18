"""Packed layers of rows of tables."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from nas.ops import table_modules
from nas.training.packed.sequences import PackedTable
from nas.training.packed.values import joined, split


class PackedCategoryEmbedding(nn.Module):
    """The codes at the end of rows `(K, N, numbers + columns)` as vectors of each copy."""

    sizes: Tensor
    first: Tensor

    def __init__(self, modules: Sequence[table_modules.CategoryEmbedding]) -> None:
        super().__init__()
        self.table = PackedTable([module.table for module in modules])
        copies, codes, _ = self.table.weight.shape
        start = torch.arange(0, copies * codes, codes, device=self.table.weight.device)
        self.register_buffer("sizes", modules[0].sizes, persistent=False)
        self.register_buffer("first", modules[0].first + start[:, None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        columns = len(self.sizes)
        numbers, codes = x[..., :-columns], x[..., -columns:].long()
        known = torch.where((codes >= 0) & (codes < self.sizes), codes, 0)
        vectors = F.embedding(known + self.first, self.table.weight.flatten(0, 1))
        return torch.cat([numbers, vectors.flatten(2)], dim=2)


class PackedPeriodicEncoding(nn.Module):
    """Sines and cosines of numbers `(K, N, columns)` with the frequencies of each copy."""

    def __init__(self, modules: Sequence[table_modules.PeriodicEncoding]) -> None:
        super().__init__()
        self._columns = modules[0].columns
        self.frequencies = joined([module.frequencies for module in modules])

    def forward(self, x: Tensor) -> Tensor:
        angles = 2 * torch.pi * x.unsqueeze(-1) * split(self.frequencies.unsqueeze(1), 2, self._columns, -1)
        return torch.cat([angles.sin(), angles.cos()], dim=-1)


class PackedColumnLinear(nn.Module):
    """The linear layers of each column and copy: `(K, N, columns, inputs)` to `(K, N, columns, outputs)`."""

    def __init__(self, modules: Sequence[table_modules.ColumnLinear]) -> None:
        super().__init__()
        self.weight = joined([module.weight for module in modules])
        self.bias = joined([module.bias for module in modules])

    def forward(self, x: Tensor) -> Tensor:
        copies, columns, _, outputs = self.weight.shape
        bias = self.bias.view(copies * columns, 1, outputs)
        y = torch.baddbmm(bias, x.transpose(1, 2).flatten(0, 1), self.weight.flatten(0, 1))
        return split(y, 0, copies, columns).transpose(1, 2)


class PackedNumberEmbedding(nn.Module):
    """The numbers at the beginning of rows `(K, N, numbers + columns)` as vectors of each copy."""

    def __init__(self, encoding: nn.Module, linear: PackedColumnLinear) -> None:
        super().__init__()
        self.encoding, self.linear = encoding, linear

    def forward(self, x: Tensor) -> Tensor:
        numbers = self.linear.weight.shape[1]
        vectors: Tensor = self.linear(self.encoding(x[..., :numbers])).relu()
        return torch.cat([vectors.flatten(2), x[..., numbers:]], dim=2)
