"""Modules for rows of tables that `torch.nn` lacks.

This file is imported only when a network is built. Each class is copied into the exported `model.py`. It may therefore
use only torch and other classes of this file, and records its constructor arguments in `arguments`.
"""

import torch
from torch import Tensor, nn


class CategoryEmbedding(nn.Module):
    """The codes at the end of rows (N, numbers + columns) as vectors: (N, numbers + columns * width)."""

    sizes: Tensor
    first: Tensor

    def __init__(self, categories: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.categories = tuple(categories)
        self.table = nn.Embedding(sum(categories), width)  # of all columns, one after the other
        sizes = torch.tensor(self.categories)
        self.register_buffer("sizes", sizes, persistent=False)
        self.register_buffer("first", sizes.cumsum(0) - sizes, persistent=False)
        with torch.no_grad():
            self.table.weight[self.first] = 0

    @property
    def arguments(self) -> dict[str, object]:
        return {"categories": self.categories, "width": self.table.embedding_dim}

    def forward(self, x: Tensor) -> Tensor:
        numbers, codes = x[:, : -len(self.categories)], x[:, -len(self.categories) :].long()
        known = torch.where((codes >= 0) & (codes < self.sizes), codes, 0)
        return torch.cat([numbers, self.table(known + self.first).flatten(1)], dim=1)
