"""The layout of values in a packed network of K copies.

A flat value, `(N, F)` in the single network, is `(K, N, F)`: a batch of matrices. A map, `(N, C, ...)`, is
`(N, K·C, ...)`: the channels of one copy after those of the other, as grouped convolutions take them. Layers that are
elementwise, or separate for each channel of a map, remain what they are in the single network. *Rows* are maps with
their channels last, `(K, N, ..., C)`, for layers that act on the channels of each position. A packed parameter is
`(K, *shape)`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def split(x: Tensor, axis: int, *sizes: int) -> Tensor:
    """A tensor with an axis split into several of these sizes, of which one may be -1."""
    return x.reshape(*x.shape[:axis], *sizes, *x.shape[axis + 1 :])


def by_copy(x: Tensor, copies: int) -> Tensor:
    """A map `(N, K·C, ...)` as `(N, K, C, ...)`."""
    return split(x, 1, copies, -1)


def as_map(x: Tensor) -> Tensor:
    """`(N, K, C, ...)` as a map `(N, K·C, ...)`."""
    return x.flatten(1, 2)


def rows_of(x: Tensor, copies: int) -> Tensor:
    """A map `(N, K·C, ...)` as rows `(K, N, ..., C)`."""
    return by_copy(x, copies).movedim(2, -1).transpose(0, 1)


def map_of(rows: Tensor) -> Tensor:
    """Rows `(K, N, ..., C)` as a map `(N, K·C, ...)`."""
    return as_map(rows.transpose(0, 1).movedim(-1, 2))


def over_rows(parameter: Tensor, rows: Tensor) -> Tensor:
    """A parameter `(K, F)` such that it applies to the last dimension of rows or flat values `(K, ..., F)`."""
    return parameter.reshape(parameter.shape[0], *[1] * (rows.dim() - 2), -1)


def stacked(modules: Sequence[nn.Module], name: str) -> nn.Parameter | None:
    """A parameter of some modules as `(K, *shape)`; None if they have none."""
    values = [getattr(module, name) for module in modules]
    return None if values[0] is None else joined(values)


def joined(values: Sequence[Tensor]) -> nn.Parameter:
    """Values of the copies as a parameter `(K, *shape)`."""
    return nn.Parameter(torch.stack([value.detach() for value in values]))


def stacked_buffer(modules: Sequence[nn.Module], name: str) -> Tensor:
    """A buffer of some modules as `(K, *shape)`."""
    return torch.stack([getattr(module, name) for module in modules])
