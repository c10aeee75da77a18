"""Packed layers of rows of tables."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from nas.ops import table_modules
from nas.training.packed.sequences import PackedTable


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
