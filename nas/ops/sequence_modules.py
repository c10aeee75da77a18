"""Modules for tokens and sequences that `torch.nn` lacks.

This file is imported only when a network is built. Each class is copied into the exported `model.py`. It may therefore
use only torch and other classes of this file, and records its constructor arguments in `arguments`.
"""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


class TokenEmbedding(nn.Module):
    """A vector per token number: (N, L), of any number type, to (N, width, L)."""

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, width)

    @property
    def arguments(self) -> dict[str, object]:
        return {"vocabulary": self.table.num_embeddings, "width": self.table.embedding_dim}

    def forward(self, x: Tensor) -> Tensor:
        vectors: Tensor = self.table(x.long())
        return vectors.transpose(1, 2)


class HashedNgrams(nn.Module):
    """A vector per `n` adjacent token numbers, by their hash: (N, L) to (N, width, L - n + 1).

    With `mask`, n-grams that contain number 0 have the vector 0.
    """

    def __init__(self, buckets: int, width: int, n: int, mask: bool = False) -> None:
        super().__init__()
        self.n, self.mask = n, mask
        self.table = nn.Embedding(buckets, width)

    @property
    def arguments(self) -> dict[str, object]:
        mask = {"mask": True} if self.mask else {}
        return {"buckets": self.table.num_embeddings, "width": self.table.embedding_dim, "n": self.n, **mask}

    def places(self, x: Tensor) -> Tensor:
        """The row of the table for each n-gram of (..., L): (..., L - n + 1).

        The hash is polynomial, modulo the prime 2**31 - 1: the products are exact in 64 bits.
        """
        ngrams = x.long().unfold(-1, self.n, 1)
        code = ngrams[..., 0]
        for place in range(1, self.n):
            code = (code * 1_540_483_477 + ngrams[..., place]) % (2**31 - 1)
        return code % self.table.num_embeddings

    def padding(self, x: Tensor) -> Tensor:
        """Whether the vector of each n-gram of (..., L) is 0, as (..., L - n + 1)."""
        return (x == 0).unfold(-1, self.n, 1).any(-1) & self.mask

    def forward(self, x: Tensor) -> Tensor:
        vectors: Tensor = self.table(self.places(x))
        return vectors.masked_fill(self.padding(x)[..., None], 0.0).transpose(1, 2)


class LearnedPosition(nn.Module):
    """Adds a learned vector to each position of (N, width, length)."""

    def __init__(self, width: int, length: int) -> None:
        super().__init__()
        self.table = nn.Embedding(length, width)

    @property
    def arguments(self) -> dict[str, object]:
        return {"width": self.table.embedding_dim, "length": self.table.num_embeddings}

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table.weight.T


class SinusoidalPosition(nn.Module):
    """Adds to (N, width, length), at position p: sin(p / 10000^(2i / width)) to channel 2i, cos to channel 2i + 1."""

    waves: Tensor

    def __init__(self, width: int, length: int) -> None:
        super().__init__()
        channel = torch.arange(width)[:, None]
        angle = torch.arange(length) / 10000.0 ** (channel // 2 * 2 / width)
        self.register_buffer("waves", torch.where(channel % 2 == 0, angle.sin(), angle.cos()))

    @property
    def arguments(self) -> dict[str, object]:
        width, length = self.waves.shape
        return {"width": width, "length": length}

    def forward(self, x: Tensor) -> Tensor:
        return x + self.waves


class SelfAttention(nn.Module):
    """x + MHA(LN(x)): every token of (N, width, L) attends to all tokens; `bias` (N, 1, 1, L) is added to scores."""

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    @property
    def arguments(self) -> dict[str, object]:
        dropout = {"dropout": self.dropout.p} if self.dropout.p else {}
        return {"width": self.out.in_features, "heads": self.heads, **dropout}

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        y: Tensor = self.qkv(self.norm(x.transpose(1, 2)))  # (N, L, 3 · width)
        y = y.reshape(*y.shape[:2], 3, self.heads, -1).transpose(1, 3)  # (N, heads, 3, L, width / heads)
        query, key, value = y.unbind(2)
        p = self.dropout.p if self.training else 0.0
        y = F.scaled_dot_product_attention(query, key, value, bias, dropout_p=p)  # (N, heads, L, width / heads)
        y = self.dropout(self.out(y.transpose(1, 2).flatten(2)))  # (N, L, width)
        return x + y.transpose(1, 2)


class FeedForward(nn.Module):
    """x + MLP(LN(x)) at each position of (N, width, ...); `activation` is a function of `F`."""

    def __init__(self, width: int, hidden: int, activation: str = "gelu", dropout: float = 0.0) -> None:
        super().__init__()
        self.activation = activation
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)
        self.dropout = nn.Dropout(dropout)

    @property
    def arguments(self) -> dict[str, object]:
        activation = {"activation": self.activation} if self.activation != "gelu" else {}
        dropout = {"dropout": self.dropout.p} if self.dropout.p else {}
        return {"width": self.up.in_features, "hidden": self.up.out_features, **activation, **dropout}

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.up(self.norm(x.movedim(1, -1)))
        y = self.dropout(getattr(F, self.activation)(y))
        y = self.dropout(self.down(y))
        return x + y.movedim(-1, 1)


class Recurrent(nn.Module):
    """An LSTM or a GRU over (N, width, L): returns (N, units · directions, L), or only the last hidden state."""

    def __init__(
        self,
        cell: str,
        width: int,
        units: int,
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        last: bool = False,
    ) -> None:
        super().__init__()
        self.last = last
        self.rnn = {"lstm": nn.LSTM, "gru": nn.GRU}[cell](
            width, units, num_layers=layers, batch_first=True, dropout=dropout, bidirectional=bidirectional
        )

    @property
    def arguments(self) -> dict[str, object]:
        rnn = self.rnn
        needed = {"cell": rnn.mode.lower(), "width": rnn.input_size, "units": rnn.hidden_size}
        options = {"bidirectional": rnn.bidirectional, "dropout": rnn.dropout, "last": self.last}
        layers = {"layers": rnn.num_layers} if rnn.num_layers > 1 else {}
        return {**needed, **layers, **{name: value for name, value in options.items() if value}}

    def forward(self, x: Tensor) -> Tensor:
        sequence: Tensor
        sequence, state = self.rnn(x.transpose(1, 2))
        if not self.last:
            return sequence.transpose(1, 2)
        hidden: Tensor = state[0] if isinstance(state, tuple) else state  # (layers · directions, N, units)
        directions = 2 if self.rnn.bidirectional else 1
        return hidden[-directions:].transpose(0, 1).flatten(1)
