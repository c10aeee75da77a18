"""Packed layers that leave padding out; each has the parts of the module that it packs, by the same names.

A position of a map `(N, K·C, L)` is padding for a copy if all channels of that copy are 0.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from nas.ops import masked_modules
from nas.training.packed.sequences import PackedTable, map_of_vectors
from nas.training.packed.values import as_map, by_copy


class PackedMaskedEmbedding(nn.Module):
    """Token numbers `(K, N, L)` to the vectors of each copy, `(N, K·width, L)`; those of number 0 are 0."""

    def __init__(self, modules: Sequence[masked_modules.MaskedEmbedding]) -> None:
        super().__init__()
        self.table = PackedTable([module.table for module in modules])

    def forward(self, x: Tensor) -> Tensor:
        copies, vocabulary, _ = self.table.weight.shape
        first = torch.arange(0, copies * vocabulary, vocabulary, device=x.device)
        vectors = F.embedding(x.long() + first[:, None, None], self.table.weight.flatten(0, 1))
        return map_of_vectors(vectors.masked_fill((x == 0)[..., None], 0.0))


class PackedMaskedPosition(nn.Module):
    """Adds what `position` adds to the texts of each copy, from their first token on."""

    def __init__(self, position: nn.Module, *, copies: int) -> None:
        super().__init__()
        self._copies = copies
        self.position = position

    def forward(self, x: Tensor) -> Tensor:
        text = ~padding(x, self._copies)[:, :, 0]  # (N, K, L)
        length = x.shape[-1]
        first = torch.arange(0, self._copies * length, length, device=x.device)
        place = (text.long().cumsum(2) - 1).clamp(min=0) + first[:, None]
        table = by_copy(self.position(torch.zeros_like(x[:1])), self._copies)[0].mT.flatten(0, 1)  # (K·L, C)
        added = F.embedding(place, table).masked_fill(~text[..., None], 0.0)
        return x + as_map(added.mT)


class PackedMasked(nn.Module):
    """`layer`, which keeps the shape; padding remains 0."""

    def __init__(self, layer: nn.Module, *, copies: int, flat: bool) -> None:
        super().__init__()
        self._copies, self._flat = copies, flat
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layer(x)
        if self._flat:
            return y.masked_fill((x == 0).all(2, keepdim=True), 0.0)
        return _without(y, padding(x, self._copies))


class PackedMaskedAttention(nn.Module):
    """`attention`, in which no token attends to padding; padding remains 0."""

    def __init__(self, attention: nn.Module, *, copies: int) -> None:
        super().__init__()
        self._copies = copies
        self.attention = attention

    def forward(self, x: Tensor) -> Tensor:
        none = padding(x, self._copies)  # (N, K, 1, L)
        bias = x.new_zeros(none.shape).masked_fill(none, -1e4)
        return _without(self.attention(x, bias.transpose(0, 1).flatten(0, 1)[:, None]), none)


class PackedWideConv(nn.Module):
    """A packed convolution `conv`; windows of padding alone give 0."""

    def __init__(self, conv: nn.Module, kernel: int, *, copies: int) -> None:
        super().__init__()
        self._kernel, self._copies = kernel, copies
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        text = F.pad((~padding(x, self._copies)[:, :, 0]).float(), (self._kernel - 1, self._kernel - 1))
        return _without(self.conv(x), F.max_pool1d(text, self._kernel, 1)[:, :, None] == 0)


class PackedMaskedMean(nn.Module):
    """The mean over all positions that are not padding, as flat values `(K, N, C)`; 0 if there are none."""

    def __init__(self, copies: int) -> None:
        super().__init__()
        self._copies = copies

    def forward(self, x: Tensor) -> Tensor:
        x = by_copy(x, self._copies).flatten(3)
        count = (x != 0).any(2).sum(2, keepdim=True).clamp(min=1)
        return (x.sum(3) / count).transpose(0, 1)


class PackedMaskedMax(nn.Module):
    """The maximum over all positions that are not padding, as flat values `(K, N, C)`; 0 if there are none."""

    def __init__(self, copies: int) -> None:
        super().__init__()
        self._copies = copies

    def forward(self, x: Tensor) -> Tensor:
        x = by_copy(x, self._copies).flatten(3)
        none = (x == 0).all(2, keepdim=True)
        return x.masked_fill(none, float("-inf")).amax(3).masked_fill(none.all(3), 0.0).transpose(0, 1)


def padding(x: Tensor, copies: int) -> Tensor:
    """Where a map is padding: `(N, K, 1, ...)`."""
    return (by_copy(x, copies) == 0).all(2, keepdim=True)


def _without(y: Tensor, none: Tensor) -> Tensor:
    """A map with 0 where there is padding."""
    return as_map(by_copy(y, none.shape[1]).masked_fill(none, 0.0))
