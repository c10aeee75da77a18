"""Convolutions over sequences `(C, L)` and images `(C, H, W)`; the rank of the input selects 1-D or 2-D."""

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, ClassVar, Literal

from nas.errors import ShapeError
from nas.ops.normal import Channels, Normal
from nas.ops.op import Cost, Family, Op, Positive, Shape, spatial, torch_class, window

if TYPE_CHECKING:
    from torch import nn

Padding = Literal["same", "valid"]


def pad(op: str, padding: Padding, kernel: int, dilation: int) -> int:
    """Zeros on each side: none for `valid`; d(k - 1) / 2 for `same`, so that the output size is ceil(n / stride).

    Raises ShapeError for `same` if the window has an even extent, and so no centre.
    """
    if padding == "valid":
        return 0
    if dilation * (kernel - 1) % 2:
        raise ShapeError(f"{op} with 'same' padding needs an odd kernel, got {kernel} (dilation {dilation})")
    return dilation * (kernel - 1) // 2


@dataclass(frozen=True)
class Conv(Op):
    """A convolution to `width` channels (`torch.nn.Conv1d`, `Conv2d`)."""

    name: ClassVar[str] = "conv"
    family: ClassVar[Family] = "conv"

    width: Positive
    kernel: Positive = 3
    stride: Positive = 1
    padding: Padding = "same"
    dilation: Positive = 1
    groups: Positive = 1
    bias: bool = True

    def shape(self, input: Shape) -> Shape:
        channels, sizes = spatial(self.name, input)
        if channels % self.groups or self.width % self.groups:
            raise ShapeError(
                f"{self.name} has {self.groups} groups, which must divide its {channels} input channels "
                f"and its width of {self.width}"
            )
        padding = pad(self.name, self.padding, self.kernel, self.dilation)
        return self.width, *window(
            self.name, sizes, kernel=self.kernel, stride=self.stride, padding=padding, dilation=self.dilation
        )

    def cost(self, input: Shape) -> Cost:
        weights = self.width * (input[0] // self.groups) * self.kernel ** (len(input) - 1)
        return Cost(weights + self.width * self.bias, weights * prod(self.shape(input)[1:]))

    def module(self, input: Shape) -> "nn.Module":
        return torch_class("Conv", input)(
            input[0],
            self.width,
            kernel_size=self.kernel,
            stride=self.stride,
            padding=pad(self.name, self.padding, self.kernel, self.dilation),
            dilation=self.dilation,
            groups=self.groups,
            bias=self.bias,
        )

    def keeps_zero(self, input: Shape) -> bool:
        return not self.bias

    def channels(self, input: Shape) -> Channels:
        if self.groups == 1:
            return "mixed"
        return "alike" if self.groups == input[0] == self.width else "placed"

    def meaning(self, input: Shape) -> str:
        padding = pad(self.name, self.padding, self.kernel, self.dilation)
        read = [_taps(size, self.kernel, self.stride, padding, self.dilation) for size in input[1:]]
        return f"{self.name} {self.width} {self.groups} {self.bias} [{', '.join(read)}]"


@lru_cache(maxsize=128)  # the text is long for a long sequence
def _taps(size: int, kernel: int, stride: int, padding: int, dilation: int) -> str:
    """The positions that a sliding window reads along an axis of `size`, one tuple per output; -1 is padding.

    Taps that read only padding are left out: the output does not depend on their weights.
    """
    reach = dilation * (kernel - 1)
    read = [
        tuple(place if 0 <= place < size else -1 for place in range(begin, begin + reach + 1, dilation))
        for begin in range(-padding, size + padding - reach, stride)
    ]
    return str(tuple(zip(*(column for column in zip(*read, strict=True) if max(column) >= 0), strict=True)))


@dataclass(frozen=True)
class DepthwiseConv(Op):
    """A convolution of each channel on its own, the first half of a separable one (Howard et al. 2017, MobileNets)."""

    name: ClassVar[str] = "depthwise_conv"
    family: ClassVar[Family] = "conv"

    kernel: Positive = 3
    stride: Positive = 1
    padding: Padding = "same"
    dilation: Positive = 1
    bias: bool = True

    def _conv(self, input: Shape) -> Conv:
        channels, _ = spatial(self.name, input)
        return _grouped(self, channels)

    def shape(self, input: Shape) -> Shape:
        return self._conv(input).shape(input)

    def cost(self, input: Shape) -> Cost:
        return self._conv(input).cost(input)

    def module(self, input: Shape) -> "nn.Module":
        return self._conv(input).module(input)

    def normal(self, input: Shape) -> Normal:
        return self._conv(input).normal(input)


@lru_cache(maxsize=1024)
def _grouped(op: DepthwiseConv, channels: int) -> Conv:
    """The equivalent convolution with one group per channel."""
    return Conv(channels, op.kernel, op.stride, op.padding, op.dilation, channels, op.bias)


@dataclass(frozen=True)
class SeparableConv(Op):
    """A depthwise convolution, then a 1×1 convolution to `width` channels (Howard et al. 2017, MobileNets, §3.1).

    There is no norm or activation between the two. The depthwise half has no bias, since the 1×1 convolution has one.
    """

    name: ClassVar[str] = "separable_conv"
    family: ClassVar[Family] = "conv"

    width: Positive
    kernel: Positive = 3
    stride: Positive = 1
    padding: Padding = "same"
    dilation: Positive = 1
    bias: bool = True

    def _halves(self) -> tuple[DepthwiseConv, Conv]:
        depthwise = DepthwiseConv(self.kernel, self.stride, self.padding, self.dilation, bias=False)
        return depthwise, Conv(self.width, kernel=1, bias=self.bias)

    def shape(self, input: Shape) -> Shape:
        depthwise, pointwise = self._halves()
        return pointwise.shape(depthwise.shape(input))

    def cost(self, input: Shape) -> Cost:
        depthwise, pointwise = self._halves()
        first, second = depthwise.cost(input), pointwise.cost(depthwise.shape(input))
        return Cost(first.params + second.params, first.macs + second.macs)

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        depthwise, pointwise = self._halves()
        return nn.Sequential(depthwise.module(input), pointwise.module(depthwise.shape(input)))

    def normal(self, input: Shape) -> Normal:
        depthwise, pointwise = self._halves()
        return depthwise.normal(input) + pointwise.normal(depthwise.shape(input))
