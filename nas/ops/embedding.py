"""Embeddings of token numbers, images and sequences as tokens `(D, L)`: L vectors of D channels."""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from nas.errors import ShapeError
from nas.ops.conv import Conv
from nas.ops.normal import Channels, Normal
from nas.ops.op import Cost, Family, Op, Positive, Shape, show_shape, spatial

if TYPE_CHECKING:
    from torch import nn

Position = Literal["none", "learned", "sinusoidal"]


@dataclass(frozen=True)
class Embedding(Op):
    """Token numbers `(L,)` to learned vectors `(width, L)` (Bengio et al. 2003; `torch.nn.Embedding`).

    `position` adds a position embedding to each vector: learned (Gehring et al. 2017) or sinusoidal (Vaswani et al.
    2017, §3.5). Token embeddings are initialised with a standard deviation of `std`, position embeddings with one of 1,
    PyTorch's default. Tokens are therefore not scaled by the root of `width`, as they are in that paper, and a brief
    training makes use of positions at once, which it does not with the usual 0.02. Without positions, a `std` of about
    0.1 learns texts better: vectors of rare words remain near where they began (Kim 2014 draws from ±0.25).

    With `mask`, number 0 is padding: its vector is 0, and positions are counted from the first token that is not. Ops
    with `mask` leave positions out whose channels are all 0.
    """

    name: ClassVar[str] = "embedding"
    family: ClassVar[Family] = "sequence"

    # Inputs are float32, which represents integers up to 2**24 exactly.
    vocabulary: Annotated[int, Field(ge=1, le=2**24)]
    width: Positive
    position: Position = "none"
    mask: bool = False
    std: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0

    @property
    def tokens(self) -> int:
        return self.vocabulary

    def shape(self, input: Shape) -> Shape:
        if len(input) != 1:
            raise ShapeError(f"embedding needs token numbers (L,), got {show_shape(input)}; use flatten before it")
        if self.mask and self.vocabulary == 1:
            raise ShapeError("embedding with a mask needs a vocabulary of 2 or more, because number 0 is padding")
        return self.width, input[0]

    def cost(self, input: Shape) -> Cost:
        return Cost(self.vocabulary * self.width + _position_params(self.position, self.shape(input)), 0)

    def module(self, input: Shape) -> "nn.Module":
        import torch
        from torch import nn

        from nas.ops.masked_modules import MaskedEmbedding, MaskedPosition
        from nas.ops.sequence_modules import TokenEmbedding

        embedding = (MaskedEmbedding if self.mask else TokenEmbedding)(self.vocabulary, self.width)
        if self.std != 1:
            with torch.no_grad():
                embedding.table.weight.mul_(self.std)
        positions = _position_modules(self.position, self.shape(input))
        if self.mask:
            positions = [MaskedPosition(position) for position in positions]
        return nn.Sequential(embedding, *positions) if positions else embedding


@dataclass(frozen=True)
class PatchEmbedding(Op):
    """Splits an image or a sequence into patches, tokens of `width` channels (Dosovitskiy et al. 2021, ViT, §3.1).

    Patches are `patch`×`patch` pixels in row-major order, or `patch` positions of a sequence. There is no class token.
    """

    name: ClassVar[str] = "patch_embedding"
    family: ClassVar[Family] = "sequence"

    width: Positive
    patch: Positive
    position: Position = "learned"

    def _conv(self) -> Conv:
        return Conv(self.width, kernel=self.patch, stride=self.patch, padding="valid")

    def shape(self, input: Shape) -> Shape:
        _, sizes = spatial(self.name, input)
        if any(size % self.patch for size in sizes):
            raise ShapeError(
                f"patch_embedding has patches of {self.patch}, which must divide the sizes of its input, "
                f"got {show_shape(input)}"
            )
        return self.width, prod(size // self.patch for size in sizes)

    def cost(self, input: Shape) -> Cost:
        params, macs = self._conv().cost(input)
        return Cost(params + _position_params(self.position, self.shape(input)), macs)

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        positions = _position_modules(self.position, self.shape(input))
        return nn.Sequential(self._conv().module(input), nn.Flatten(2), *positions)

    def channels(self, input: Shape) -> Channels:
        return "gathered" if self.position == "sinusoidal" else "mixed"

    def normal(self, input: Shape) -> Normal:
        # The patches of a sequence are in order already.
        return self._conv().normal(input) if self.position == "none" and len(input) == 2 else super().normal(input)


def _position_params(position: Position, tokens: Shape) -> int:
    return prod(tokens) if position == "learned" else 0


def _position_modules(position: Position, tokens: Shape) -> "list[nn.Module]":
    """The module that adds position embeddings to `tokens` `(D, L)`, if any."""
    from nas.ops.sequence_modules import LearnedPosition, SinusoidalPosition

    if position == "none":
        return []
    return [LearnedPosition(*tokens) if position == "learned" else SinusoidalPosition(*tokens)]
