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


class PiecewiseEncoding(nn.Module):
    """How far numbers (..., columns) reach through bins of equal probability of a normal distribution, from 0 to 1:
    (..., columns, bins)."""

    lower: Tensor

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.register_buffer("lower", torch.arange(float(bins)), persistent=False)

    @property
    def arguments(self) -> dict[str, object]:
        return {"bins": len(self.lower)}

    def forward(self, x: Tensor) -> Tensor:
        probability = 0.5 * (1 + torch.erf(x.unsqueeze(-1) / 2**0.5))
        return (len(self.lower) * probability - self.lower).clamp(0, 1)


class PeriodicEncoding(nn.Module):
    """Sines and cosines of numbers (N, columns), each with frequencies of its own: (N, columns, 2 * frequencies)."""

    def __init__(self, columns: int, frequencies: int, std: float) -> None:
        super().__init__()
        self.columns, self.std = columns, std
        self.frequencies = nn.Parameter(std * torch.randn(columns * frequencies))  # flat: weight decay passes it by

    @property
    def arguments(self) -> dict[str, object]:
        return {"columns": self.columns, "frequencies": len(self.frequencies) // self.columns, "std": self.std}

    def forward(self, x: Tensor) -> Tensor:
        angles = 2 * torch.pi * x.unsqueeze(-1) * self.frequencies.view(self.columns, -1)
        return torch.cat([angles.sin(), angles.cos()], dim=-1)


class ColumnLinear(nn.Module):
    """A linear layer for each column: (N, columns, inputs) to (N, columns, outputs)."""

    def __init__(self, columns: int, inputs: int, outputs: int) -> None:
        super().__init__()
        bound = inputs**-0.5
        self.weight = nn.Parameter(torch.empty(columns, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(columns * outputs).uniform_(-bound, bound))  # flat: without weight decay

    @property
    def arguments(self) -> dict[str, object]:
        columns, inputs, outputs = self.weight.shape
        return {"columns": columns, "inputs": inputs, "outputs": outputs}

    def forward(self, x: Tensor) -> Tensor:
        bias = self.bias.view(len(self.weight), 1, -1)
        return torch.baddbmm(bias, x.transpose(0, 1), self.weight).transpose(0, 1)


class NumberEmbedding(nn.Module):
    """The numbers at the beginning of rows (N, numbers + columns) as vectors: (N, numbers * width + columns)."""

    def __init__(self, encoding: nn.Module, linear: ColumnLinear) -> None:
        super().__init__()
        self.encoding, self.linear = encoding, linear

    @property
    def arguments(self) -> dict[str, object]:
        return {"encoding": self.encoding, "linear": self.linear}

    def forward(self, x: Tensor) -> Tensor:
        numbers = len(self.linear.weight)
        vectors: Tensor = self.linear(self.encoding(x[:, :numbers])).relu()
        return torch.cat([vectors.flatten(1), x[:, numbers:]], dim=1)
