"""The blocks of residual networks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.ops.activation import GELU, ReLU
from nas.ops.composite import Chain, Composite, Residual
from nas.ops.conv import Conv, DepthwiseConv, pad
from nas.ops.norm import BatchNorm
from nas.ops.normal import Channels
from nas.ops.op import Cost, Family, Op, Positive, Shape, spatial

if TYPE_CHECKING:
    from torch import nn

_NORM, _RELU = BatchNorm(), ReLU()


def _joined(body: Chain, input: Shape, width: int, stride: int) -> Chain:
    """The sum, then ReLU; an input of another shape is projected by a 1×1 convolution with batch norm (option B)."""
    same = body.shape(input) == input
    shortcut = None if same else Chain((Conv(width, kernel=1, stride=stride, bias=False), _NORM))
    return Chain((Residual(body, shortcut), _RELU))


@dataclass(frozen=True)
class BasicBlock(Composite):
    """Two convolutions, the first one strided (He et al. 2016, ResNet, fig. 5 left)."""

    name: ClassVar[str] = "basic_block"
    family: ClassVar[Family] = "conv"

    width: Positive
    kernel: Positive = 3
    stride: Positive = 1

    def parts(self, input: Shape) -> Op:
        spatial(self.name, input)
        pad(self.name, "same", self.kernel, 1)
        first = Conv(self.width, self.kernel, self.stride, bias=False)
        second = Conv(self.width, self.kernel, bias=False)
        return _joined(Chain((first, _NORM, _RELU, second, _NORM)), input, self.width, self.stride)


@dataclass(frozen=True)
class Bottleneck(Composite):
    """1×1 to `width` // `reduction` channels, k×k, and 1×1 to `width` (He et al. 2016, ResNet, §4.1).

    The middle convolution is strided, as in torchvision; in the paper it is the first. `groups` is that of the middle
    convolution (Xie et al. 2017, ResNeXt).
    """

    name: ClassVar[str] = "bottleneck"
    family: ClassVar[Family] = "conv"

    width: Positive
    kernel: Positive = 3
    stride: Positive = 1
    reduction: Positive = 4
    groups: Positive = 1

    def parts(self, input: Shape) -> Op:
        spatial(self.name, input)
        pad(self.name, "same", self.kernel, 1)
        inner = max(1, self.width // self.reduction)
        reduce = Conv(inner, kernel=1, bias=False)
        middle = Conv(inner, self.kernel, self.stride, groups=self.groups, bias=False)
        restore = Conv(self.width, kernel=1, bias=False)
        body = Chain((reduce, _NORM, _RELU, middle, _NORM, _RELU, restore, _NORM))
        return _joined(body, input, self.width, self.stride)


@dataclass(frozen=True)
class ChannelNorm(Op):
    """Layer norm over the channels of each position, with the ε of ConvNeXt."""

    name: ClassVar[str] = "channel_norm"
    family: ClassVar[Family] = "conv"

    def shape(self, input: Shape) -> Shape:
        return input

    def cost(self, input: Shape) -> Cost:
        return Cost(2 * input[0], 0)

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops import conv_modules

        return conv_modules.ChannelNorm(input[0], eps=1e-6)

    def channels(self, input: Shape) -> Channels:
        return "alike"


@dataclass(frozen=True)
class LayerScale(Op):
    """A learned factor per channel, initialised to 1e-6 (Touvron et al. 2021, CaiT, §2)."""

    name: ClassVar[str] = "layer_scale"
    family: ClassVar[Family] = "conv"

    def shape(self, input: Shape) -> Shape:
        return input

    def cost(self, input: Shape) -> Cost:
        return Cost(input[0], 0)

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops import conv_modules

        return conv_modules.LayerScale(input[0])

    def keeps_zero(self, input: Shape) -> bool:
        return True

    def channels(self, input: Shape) -> Channels:
        return "alike"


@dataclass(frozen=True)
class ConvNeXt(Composite):
    """A depthwise convolution, layer norm, and two 1×1 convolutions with GELU in between (Liu et al. 2022, fig. 4).

    The shape is kept. The branch is scaled by a learned factor per channel, initialised to 1e-6.
    """

    name: ClassVar[str] = "convnext"
    family: ClassVar[Family] = "conv"

    kernel: Positive = 7
    expansion: Positive = 4

    def parts(self, input: Shape) -> Op:
        channels, _ = spatial(self.name, input)
        pad(self.name, "same", self.kernel, 1)
        wide, narrow = Conv(self.expansion * channels, kernel=1), Conv(channels, kernel=1)
        return Residual(Chain((DepthwiseConv(self.kernel), ChannelNorm(), wide, GELU(), narrow, LayerScale())))
