"""The layers of a transformer encoder with their residual connections, pre-norm (Xiong et al. 2020)."""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from nas.errors import ShapeError
from nas.ops.normal import Channels, Normal
from nas.ops.op import Cost, Family, Op, Positive, Shape, show_shape

if TYPE_CHECKING:
    from torch import nn

Probability = Annotated[float, Field(ge=0, lt=1)]
Expansion = Annotated[float, Field(gt=0)]


@dataclass(frozen=True)
class Attention(Op):
    """x + MHA(LN(x)): multi-head self-attention over tokens `(D, L)` (Vaswani et al. 2017, §3.2).

    `dropout` is applied to the attention weights and to the output of the branch, as in
    `torch.nn.TransformerEncoderLayer`. With `mask`, no token attends to padding, which remains 0 (see `embedding`).
    """

    name: ClassVar[str] = "attention"
    family: ClassVar[Family] = "sequence"

    heads: Positive = 4
    dropout: Probability = 0.0
    mask: bool = False

    def shape(self, input: Shape) -> Shape:
        _check_tokens(self.name, self.heads, input)
        return input

    def cost(self, input: Shape) -> Cost:
        width, length = input
        weights = 4 * width * width
        # The products of queries and keys, and of weights and values, are length × length × width each.
        return Cost(weights + 4 * width + 2 * width, weights * length + 2 * length * length * width)

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops.masked_modules import MaskedAttention
        from nas.ops.sequence_modules import SelfAttention

        attention = SelfAttention(input[0], self.heads, self.dropout)
        return MaskedAttention(attention) if self.mask else attention

    def keeps_zero(self, input: Shape) -> bool:
        return self.mask

    def channels(self, input: Shape) -> Channels:
        return "alike"

    def meaning(self, input: Shape) -> str:
        # A single token attends to itself, whatever the number of heads; dropout acts on each head.
        return self.name + " mask" * self.mask if input[1] == 1 and not self.dropout else self.text


@dataclass(frozen=True)
class FeedForward(Op):
    """x + MLP(LN(x)) at each position; the hidden layer has `expansion` times the channels (Vaswani et al. 2017, §3.3).

    The hidden width is rounded, and at least 1. `dropout` is applied to the hidden layer and to the output of the
    branch. With `mask`, padding remains 0 (see `embedding`).
    """

    name: ClassVar[str] = "feed_forward"
    family: ClassVar[Family] = "sequence"

    expansion: Expansion = 4.0
    activation: Literal["gelu", "relu", "silu"] = "gelu"
    dropout: Probability = 0.0
    mask: bool = False

    def _hidden(self, input: Shape) -> int:
        return max(1, round(self.expansion * input[0]))

    def shape(self, input: Shape) -> Shape:
        return input

    def cost(self, input: Shape) -> Cost:
        width, hidden = input[0], self._hidden(input)
        weights = 2 * width * hidden
        return Cost(weights + hidden + width + 2 * width, weights * prod(input[1:]))

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops.masked_modules import Masked
        from nas.ops.sequence_modules import FeedForward as FeedForwardModule

        feed_forward = FeedForwardModule(input[0], self._hidden(input), self.activation, self.dropout)
        return Masked(feed_forward) if self.mask else feed_forward

    def keeps_zero(self, input: Shape) -> bool:
        return self.mask

    def channels(self, input: Shape) -> Channels:
        return "alike"

    def meaning(self, input: Shape) -> str:
        return f"{self.name} {self._hidden(input)} {self.activation} {self.dropout}" + " mask" * self.mask


@dataclass(frozen=True)
class TransformerBlock(Op):
    """`attention`, then `feed_forward` with GELU: an encoder block of ViT (Dosovitskiy et al. 2021, eqs. 2 and 3)."""

    name: ClassVar[str] = "transformer_block"
    family: ClassVar[Family] = "sequence"

    heads: Positive = 4
    expansion: Expansion = 4.0
    dropout: Probability = 0.0
    mask: bool = False

    def _halves(self) -> tuple[Attention, FeedForward]:
        attention = Attention(self.heads, self.dropout, self.mask)
        return attention, FeedForward(self.expansion, dropout=self.dropout, mask=self.mask)

    def shape(self, input: Shape) -> Shape:
        _check_tokens(self.name, self.heads, input)
        return input

    def cost(self, input: Shape) -> Cost:
        first, second = (half.cost(input) for half in self._halves())
        return Cost(first.params + second.params, first.macs + second.macs)

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Sequential(*(half.module(input) for half in self._halves()))

    def normal(self, input: Shape) -> Normal:
        return tuple(one for half in self._halves() for one in half.normal(input))


def _check_tokens(op: str, heads: int, input: Shape) -> None:
    """Raises ShapeError if `input` is not `(D, L)`, or if `heads` does not divide D."""
    if len(input) != 2:
        got = show_shape(input)
        raise ShapeError(f"{op} needs tokens (D, L), got {got}; use embedding or patch_embedding before it")
    if input[0] % heads:
        raise ShapeError(f"{op} has {heads} heads, which must divide its {input[0]} input channels")
