"""Normalisation layers; each keeps the shape and has a learned scale and shift."""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, ClassVar, Literal

from nas.errors import ShapeError
from nas.ops.normal import Channels
from nas.ops.op import Cost, Op, Positive, Shape

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class BatchNorm(Op):
    """Normalises each channel over the batch (Ioffe & Szegedy 2015; `torch.nn.BatchNorm1d`, `BatchNorm2d`)."""

    name: ClassVar[str] = "batch_norm"

    def shape(self, input: Shape) -> Shape:
        return input

    def cost(self, input: Shape) -> Cost:
        return Cost(2 * input[0], 0)

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.BatchNorm2d(input[0]) if len(input) == 3 else nn.BatchNorm1d(input[0])

    def needs_batch(self, input: Shape) -> bool:
        return prod(input[1:]) == 1

    def channels(self, input: Shape) -> Channels:
        return "alike"


@dataclass(frozen=True)
class LayerNorm(Op):
    """Normalises a sample over all values, or with `over: channels` each position over its channels (Ba et al. 2016).

    The former is `torch.nn.LayerNorm` over the whole shape; the latter is used in transformers and in ConvNeXt.
    """

    name: ClassVar[str] = "layer_norm"

    over: Literal["sample", "channels"] = "sample"

    def shape(self, input: Shape) -> Shape:
        return input

    def cost(self, input: Shape) -> Cost:
        return Cost(2 * (prod(input) if self.over == "sample" else input[0]), 0)

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        from nas.ops.conv_modules import ChannelNorm

        return nn.LayerNorm(input) if self.over == "sample" or len(input) == 1 else ChannelNorm(input[0])

    def channels(self, input: Shape) -> Channels:
        return "alike"

    def meaning(self, input: Shape) -> str:
        return LayerNorm("channels").text if prod(input) == input[0] else self.text


@dataclass(frozen=True)
class GroupNorm(Op):
    """Normalises the channels of a sample in `groups` groups (Wu & He 2018; `torch.nn.GroupNorm`)."""

    name: ClassVar[str] = "group_norm"

    groups: Positive = 8

    def shape(self, input: Shape) -> Shape:
        if input[0] % self.groups:
            raise ShapeError(f"group_norm has {self.groups} groups, which must divide its {input[0]} input channels")
        if self.groups == prod(input):
            raise ShapeError(f"group_norm with {self.groups} groups would normalise single values")
        return input

    def cost(self, input: Shape) -> Cost:
        return Cost(2 * input[0], 0)

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.GroupNorm(self.groups, input[0])

    def channels(self, input: Shape) -> Channels:
        return "alike" if self.groups in (1, input[0]) else "placed"

    def meaning(self, input: Shape) -> str:
        alone = self.groups == 1 and prod(input) == input[0]
        return LayerNorm("channels").text if alone else self.text
