"""Packed layers of tokens and sequences; each has the parts of the module that it packs, by the same names."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from nas.ops import sequence_modules
from nas.training.packed.linear import PackedLinear
from nas.training.packed.values import map_of, rows_of, split, stacked, stacked_buffer


class PackedTable(nn.Module):
    """K tables of vectors, as `weight` `(K, rows, width)`."""

    weight: Tensor

    def __init__(self, modules: Sequence[nn.Embedding]) -> None:
        super().__init__()
        self.weight = stacked(modules, "weight")  # type: ignore[assignment]


class PackedTokenEmbedding(nn.Module):
    """Token numbers `(K, N, L)` to the vectors of each copy, `(N, K·width, L)`."""

    def __init__(self, modules: Sequence[sequence_modules.TokenEmbedding]) -> None:
        super().__init__()
        self.table = PackedTable([module.table for module in modules])

    def forward(self, x: Tensor) -> Tensor:
        copies, vocabulary, _ = self.table.weight.shape
        first = torch.arange(0, copies * vocabulary, vocabulary, device=x.device)
        return map_of_vectors(F.embedding(x.long() + first[:, None, None], self.table.weight.flatten(0, 1)))


class PackedHashedNgrams(nn.Module):
    """N-grams of token numbers `(K, N, L)` to the vectors of each copy, `(N, K·width, L - n + 1)`."""

    def __init__(self, modules: Sequence[sequence_modules.HashedNgrams]) -> None:
        super().__init__()
        self._places, self._padding = modules[0].places, modules[0].padding
        self.table = PackedTable([module.table for module in modules])

    def forward(self, x: Tensor) -> Tensor:
        copies, buckets, _ = self.table.weight.shape
        first = torch.arange(0, copies * buckets, buckets, device=x.device)
        vectors = F.embedding(self._places(x) + first[:, None, None], self.table.weight.flatten(0, 1))
        return map_of_vectors(vectors.masked_fill(self._padding(x)[..., None], 0.0))


def map_of_vectors(vectors: Tensor) -> Tensor:
    """Vectors `(K, N, L, C)` as a map, with those of a position side by side in memory, as in the single network.

    Dropout draws in the order of memory.
    """
    return vectors.permute(1, 2, 0, 3).flatten(2).transpose(1, 2)


class PackedLearnedPosition(nn.Module):
    """Adds the vectors of each copy to the positions of a map."""

    def __init__(self, modules: Sequence[sequence_modules.LearnedPosition]) -> None:
        super().__init__()
        self.table = PackedTable([module.table for module in modules])

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table.weight.mT.flatten(0, 1)


class PackedSinusoidalPosition(nn.Module):
    """Adds the waves to the positions of a map, for each copy."""

    waves: Tensor

    def __init__(self, modules: Sequence[sequence_modules.SinusoidalPosition]) -> None:
        super().__init__()
        self.register_buffer("waves", stacked_buffer(modules, "waves"))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.waves.flatten(0, 1)


class PackedSelfAttention(nn.Module):
    """K self-attentions with their residual connections; `bias` `(K·N, 1, 1, L)` is added to scores.

    Args:
        heads: of each.
        norm, qkv, out: the packed layers.
    """

    def __init__(self, heads: int, norm: nn.Module, qkv: PackedLinear, out: PackedLinear) -> None:
        super().__init__()
        self._heads = heads
        self.norm, self.qkv, self.out = norm, qkv, out

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        copies = len(self.qkv.weight)
        y: Tensor = self.qkv(self.norm(rows_of(x, copies))).flatten(0, 1)  # (K·N, L, 3 · width)
        y = y.reshape(*y.shape[:2], 3, self._heads, -1).transpose(1, 3)
        query, key, value = y.unbind(2)
        y = F.scaled_dot_product_attention(query, key, value, bias)
        y = self.out(split(y.transpose(1, 2).flatten(2), 0, copies, -1))
        return x + map_of(y)


def refuses_self_attention(module: sequence_modules.SelfAttention) -> str:
    """Why a self-attention cannot be packed; empty if it can."""
    return "drops attention weights, which are drawn for all copies at once" if module.dropout.p else ""


class PackedFeedForward(nn.Module):
    """K two-layer networks at each position, with their residual connections.

    Args:
        activation: a function of `torch.nn.functional`.
        norm, up, down, dropout: the packed layers.
        flat: whether values are flat.
    """

    def __init__(
        self, activation: str, norm: nn.Module, up: PackedLinear, down: PackedLinear, dropout: nn.Module, *, flat: bool
    ) -> None:
        super().__init__()
        self._activation, self._flat = activation, flat
        self.norm, self.up, self.down, self.dropout = norm, up, down, dropout

    def forward(self, x: Tensor) -> Tensor:
        rows = x if self._flat else rows_of(x, len(self.up.weight))
        y: Tensor = self.dropout(getattr(F, self._activation)(self.up(self.norm(rows))))
        y = self.dropout(self.down(y))
        return x + (y if self._flat else map_of(y))
