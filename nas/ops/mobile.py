"""The inverted residual of MobileNets and their successors, with channel shuffle and squeeze-and-excitation."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from nas.errors import ShapeError
from nas.ops.activation import Hardsigmoid, Hardswish, ReLU, ReLU6, Sigmoid, SiLU
from nas.ops.composite import Chain, Composite, Residual
from nas.ops.conv import Conv, DepthwiseConv, pad
from nas.ops.norm import BatchNorm
from nas.ops.normal import IDENTITY, Branches, Normal
from nas.ops.op import FREE, Cost, Family, Op, Positive, Shape, spatial
from nas.ops.pool import AdaptiveAvgPool

if TYPE_CHECKING:
    from torch import nn

Activation = Literal["relu", "relu6", "hardswish", "silu"]
Gate = Literal["sigmoid", "hardsigmoid"]

_FUNCTIONS: Mapping[str, Op] = {op.name: op for op in (ReLU(), ReLU6(), Hardswish(), SiLU(), Sigmoid(), Hardsigmoid())}
_NORM = BatchNorm()


@dataclass(frozen=True)
class ChannelShuffle(Op):
    """Interleaves the channels of `groups` groups (Zhang et al. 2018, ShuffleNet, §3.1)."""

    name: ClassVar[str] = "shuffle"
    family: ClassVar[Family] = "conv"

    groups: Positive

    def shape(self, input: Shape) -> Shape:
        channels, _ = spatial(self.name, input)
        if channels % self.groups:
            raise ShapeError(f"{self.name} has {self.groups} groups, which must divide its {channels} input channels")
        return input

    def cost(self, input: Shape) -> Cost:
        return FREE

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.ChannelShuffle(self.groups)

    def is_identity(self, input: Shape) -> bool:
        return self.groups in (1, input[0])

    def keeps_zero(self, input: Shape) -> bool:
        return True


@dataclass(frozen=True)
class SqueezeExcitation(Composite):
    """A factor per channel, computed from all channel means through `squeezed` channels (Hu et al. 2018, §3)."""

    name: ClassVar[str] = "squeeze_excitation"
    family: ClassVar[Family] = "conv"

    squeezed: Positive
    activation: Activation
    gate: Gate

    def parts(self, input: Shape) -> Chain:
        squeeze, excite = Conv(self.squeezed, kernel=1), Conv(input[0], kernel=1)
        return Chain((AdaptiveAvgPool(1), squeeze, _FUNCTIONS[self.activation], excite, _FUNCTIONS[self.gate]))

    def shape(self, input: Shape) -> Shape:
        return input

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops import conv_modules

        return conv_modules.SqueezeExcitation(self.parts(input).module(input))

    def normal(self, input: Shape) -> Normal:
        return (Branches(product=True, branches=(IDENTITY, self.parts(input).normal(input))),)


@dataclass(frozen=True)
class MBConv(Composite):
    """The inverted residual (Sandler et al. 2018, MobileNetV2, §3.3).

    A 1×1 convolution from C to round(`expansion` · C) channels, a depthwise convolution, squeeze-and-excitation if `se`
    is not 0, and a 1×1 convolution to `width` channels; each with batch norm, the first two with `activation`. The
    input is added if the shape is kept.

    With `expansion: 1` there is no first convolution (MobileNetV2, V3, EfficientNet), unless `expand_always` is true
    (FBNet). `groups` is the number of groups of the 1×1 convolutions; the channels are shuffled after the first one
    (Wu et al. 2019, FBNet, §3.1).

    `se` is the squeeze ratio. `se_of: input` squeezes to ⌊se · C⌋ channels, at least 1 (Tan & Le 2019, EfficientNet);
    `se_of: expanded` to that fraction of the expanded channels, rounded to a multiple of 8 as in torchvision (Howard et
    al. 2019, MobileNetV3, §5.3). The activation between its two convolutions is SiLU if `activation` is, else ReLU.
    """

    name: ClassVar[str] = "mbconv"
    family: ClassVar[Family] = "conv"

    width: Positive
    kernel: Positive = 3
    stride: Positive = 1
    expansion: Annotated[float, Field(gt=0, le=1000)] = 6
    activation: Activation = "relu6"
    se: Annotated[float, Field(ge=0, le=1)] = 0
    se_of: Literal["input", "expanded"] = "input"
    gate: Gate = "sigmoid"
    groups: Positive = 1
    expand_always: bool = False
    skip: bool = True

    def __post_init__(self) -> None:
        # Spellings that are equal for every input become one op, and are shown alike.
        for name in ("expansion", "se"):
            value = getattr(self, name)
            object.__setattr__(self, name, int(value) if value == int(value) else value)
        if not self.se:
            object.__setattr__(self, "se_of", "input")
            object.__setattr__(self, "gate", "sigmoid")
        if self.expansion != 1:
            object.__setattr__(self, "expand_always", False)
        if self.stride != 1:
            object.__setattr__(self, "skip", True)

    def parts(self, input: Shape) -> Op:
        channels, _ = spatial(self.name, input)
        pad(self.name, "same", self.kernel, 1)
        expanded = max(1, round(channels * self.expansion))
        activation = _FUNCTIONS[self.activation]
        ops: list[Op] = []
        if self.expansion != 1 or self.expand_always:
            ops += [_pointwise(expanded, self.groups), _NORM, activation]
            if self.groups > 1:
                ops.append(ChannelShuffle(self.groups))
        ops += [_depthwise(self.kernel, self.stride), _NORM, activation]
        if self.se:
            squeezed = max(1, int(self.se * channels)) if self.se_of == "input" else divisible(self.se * expanded)
            ops.append(_squeezing(squeezed, "silu" if self.activation == "silu" else "relu", self.gate))
        ops += [_pointwise(self.width, self.groups), _NORM]
        body = Chain(tuple(ops))
        return Residual(body) if self.skip and self.stride == 1 and self.width == channels else body


# Many blocks consist of few different layers, which are created once.


@lru_cache(maxsize=1024)
def _pointwise(width: int, groups: int) -> Op:
    return Conv(width, kernel=1, groups=groups, bias=False)


@lru_cache(maxsize=1024)
def _depthwise(kernel: int, stride: int) -> Op:
    return DepthwiseConv(kernel, stride, bias=False)


@lru_cache(maxsize=1024)
def _squeezing(squeezed: int, activation: Activation, gate: Gate) -> Op:
    return SqueezeExcitation(squeezed, activation, gate)


def divisible(channels: float) -> int:
    """The nearest multiple of 8, but at least 8 and at least nine tenths (torchvision's `_make_divisible`)."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded
