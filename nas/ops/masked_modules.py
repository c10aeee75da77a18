"""Modules that leave padding out: a position of `(N, C, L)` is padding if all its channels are 0.

`torch.nn.LSTM` and its like need the lengths of texts on the CPU to do so, and the others have no such option. What
these modules compute of a text is the same, within rounding, wherever its padding is and however long. As in
`sequence_modules.py`, each class is copied into the exported `model.py`.
"""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


class MaskedEmbedding(nn.Module):
    """A vector per token number: (N, L), of any number type, to (N, width, L); that of padding, number 0, is 0."""

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, width)

    @property
    def arguments(self) -> dict[str, object]:
        return {"vocabulary": self.table.num_embeddings, "width": self.table.embedding_dim}

    def forward(self, x: Tensor) -> Tensor:
        vectors: Tensor = self.table(x.long())
        return vectors.masked_fill((x == 0)[:, :, None], 0.0).transpose(1, 2)


class MaskedPosition(nn.Module):
    """Adds what `position` adds to (N, width, length), without padding: texts begin at the first position."""

    def __init__(self, position: nn.Module) -> None:
        super().__init__()
        self.position = position

    @property
    def arguments(self) -> dict[str, object]:
        return {"position": self.position}

    def forward(self, x: Tensor) -> Tensor:
        text = (x != 0).any(1)
        place = (text.long().cumsum(1) - 1).clamp(min=0)
        table = self.position(torch.zeros_like(x[:1]))[0].T  # (length, width)
        return x + F.embedding(place, table).masked_fill(~text[:, :, None], 0.0).transpose(1, 2)


class Masked(nn.Module):
    """`layer`, which keeps the shape (N, C, ...); padding remains 0."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    @property
    def arguments(self) -> dict[str, object]:
        return {"layer": self.layer}

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layer(x)
        return y.masked_fill((x == 0).all(1, keepdim=True), 0.0)


class MaskedAttention(nn.Module):
    """`attention` of (N, width, L), in which no token attends to padding; padding remains 0."""

    def __init__(self, attention: nn.Module) -> None:
        super().__init__()
        self.attention = attention

    @property
    def arguments(self) -> dict[str, object]:
        return {"attention": self.attention}

    def forward(self, x: Tensor) -> Tensor:
        padding = (x == 0).all(1, keepdim=True)  # (N, 1, L)
        # Not minus infinity, of which the softmax of padding alone would be undefined.
        bias = torch.zeros_like(x[:, :1]).masked_fill(padding, -1e4)
        y: Tensor = self.attention(x, bias[:, None])
        return y.masked_fill(padding, 0.0)


class WideConv(nn.Module):
    """A convolution over all windows of (N, width, L) that have a position of the text; (N, filters, L + kernel - 1).

    Windows of padding alone give 0.
    """

    def __init__(self, width: int, filters: int, kernel: int, bias: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, filters, kernel, padding=kernel - 1, bias=bias)

    @property
    def arguments(self) -> dict[str, object]:
        conv = self.conv
        bias = {} if conv.bias is not None else {"bias": False}
        return {"width": conv.in_channels, "filters": conv.out_channels, "kernel": conv.kernel_size[0], **bias}

    def forward(self, x: Tensor) -> Tensor:
        kernel = self.conv.kernel_size[0]
        text = F.pad((x != 0).any(1, keepdim=True).float(), (kernel - 1, kernel - 1))
        y: Tensor = self.conv(x)
        return y.masked_fill(F.max_pool1d(text, kernel, 1) == 0, 0.0)


class MaskedRecurrent(nn.Module):
    """An LSTM or a GRU over (N, width, L) that reads each text as if it had no padding.

    Returns (N, units · directions, L), 0 at padding, or only the last hidden state of each direction. Each layer and
    direction is an LSTM or a GRU of its own. Texts are moved to the beginning, where nothing comes before them; the way
    back reads them in reverse.
    """

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
        self.directions = 2 if bidirectional else 1
        self.last = last
        kind = {"lstm": nn.LSTM, "gru": nn.GRU}[cell]
        widths = [width, *[units * self.directions] * (layers - 1)]
        self.ways = nn.ModuleList(kind(one, units, batch_first=True) for one in widths for _ in range(self.directions))
        self.dropout = nn.Dropout(dropout)

    @property
    def arguments(self) -> dict[str, object]:
        first = next(way for way in self.ways if isinstance(way, nn.RNNBase))
        layers = len(self.ways) // self.directions
        needed = {"cell": first.mode.lower(), "width": first.input_size, "units": first.hidden_size}
        options = {"bidirectional": self.directions == 2, "dropout": self.dropout.p, "last": self.last}
        more = {"layers": layers} if layers > 1 else {}
        return {**needed, **more, **{name: value for name, value in options.items() if value}}

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(1, 2)
        text = (x != 0).any(2)
        length = text.sum(1, keepdim=True)
        place = torch.arange(x.shape[1], device=x.device)
        # (N, L): where each position goes, and comes from, if the text is first and the padding follows
        to = torch.where(text, text.long().cumsum(1) - 1, length + (~text).long().cumsum(1) - 1)
        order = torch.zeros_like(to).scatter(1, to, place.expand_as(to))
        turned = torch.where(place < length, length - 1 - place, place)  # the text in reverse, then the padding
        x = self.take(x, order)
        for index in range(0, len(self.ways), self.directions):
            x = self.dropout(x) if index else x
            states = [self.ways[index](x)[0]]
            if self.directions == 2:
                states.append(self.take(self.ways[index + 1](self.take(x, turned))[0], turned))
            x = torch.cat(states, 2)
        if self.last:
            ends = [self.take(states[0], (length - 1).clamp(min=0)), *(state[:, :1] for state in states[1:])]
            return torch.cat(ends, 2)[:, 0].masked_fill(length == 0, 0.0)
        return self.take(x.masked_fill((place >= length)[:, :, None], 0.0), to).transpose(1, 2)

    def take(self, x: Tensor, places: Tensor) -> Tensor:
        """The values (N, K, C) of (N, L, C) at `places` (N, K)."""
        return x.gather(1, places[:, :, None].expand(-1, -1, x.shape[2]))


class MaskedMean(nn.Module):
    """The mean of each channel of (N, C, ...) over all positions that are not padding; 0 if there are none."""

    @property
    def arguments(self) -> dict[str, object]:
        return {}

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(2)
        return x.sum(2) / (x != 0).any(1).sum(1, keepdim=True).clamp(min=1)


class MaskedMax(nn.Module):
    """The maximum of each channel of (N, C, ...) over all positions that are not padding; 0 if there are none."""

    @property
    def arguments(self) -> dict[str, object]:
        return {}

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(2)
        padding = (x == 0).all(1, keepdim=True)
        return x.masked_fill(padding, float("-inf")).amax(2).masked_fill(padding.all(2), 0.0)
