"""Operations of cells: zero, truncation of channels, factorized reduction."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from nas.errors import ShapeError
from nas.ops.activation import Identity, ReLU
from nas.ops.composite import Chain, Composite
from nas.ops.conv import Conv
from nas.ops.norm import BatchNorm
from nas.ops.normal import ZERO, Channels, Normal
from nas.ops.op import FREE, Cost, Family, Op, Positive, Shape, show_shape, spatial

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Zero(Op):
    """Zeros, as on an absent edge (Liu et al. 2019, DARTS, §2.1); the output size is ⌈n / `stride`⌉."""

    name: ClassVar[str] = "zero"
    family: ClassVar[Family] = "conv"

    stride: Positive = 1

    def shape(self, input: Shape) -> Shape:
        if self.stride == 1:
            return input
        channels, sizes = spatial(f"{self.name} of stride {self.stride}", input)
        return channels, *(-(-size // self.stride) for size in sizes)

    def cost(self, input: Shape) -> Cost:
        return FREE

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops import conv_modules

        return conv_modules.Zero(self.stride)

    def normal(self, input: Shape) -> Normal:
        return ZERO


@dataclass(frozen=True)
class Truncate(Op):
    """The first `width` channels (Ying et al. 2019, NAS-Bench-101, where the vertices of a cell differ in width)."""

    name: ClassVar[str] = "truncate"
    family: ClassVar[Family] = "conv"

    width: Positive

    def shape(self, input: Shape) -> Shape:
        if input[0] < self.width:
            raise ShapeError(f"{self.name} to {self.width} channels needs at least as many, got {show_shape(input)}")
        return self.width, *input[1:]

    def cost(self, input: Shape) -> Cost:
        return FREE

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops import conv_modules

        return conv_modules.Truncate(self.width)

    def is_identity(self, input: Shape) -> bool:
        return input[0] == self.width

    def keeps_zero(self, input: Shape) -> bool:
        return True


@dataclass(frozen=True)
class TwoPhases(Op):
    """Two 1×1 convolutions of stride 2, one over the even positions of a map and one over the odd positions."""

    name: ClassVar[str] = "two_phases"
    family: ClassVar[Family] = "conv"

    width: Positive

    def _half(self) -> Conv:
        return Conv(self.width // 2, kernel=1, stride=2, bias=False)

    def shape(self, input: Shape) -> Shape:
        return self.width, *self._half().shape(input)[1:]

    def cost(self, input: Shape) -> Cost:
        half = self._half().cost(input)
        return Cost(2 * half.params, 2 * half.macs)

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops import conv_modules

        return conv_modules.TwoPhases(self._half().module(input), self._half().module(input))

    def keeps_zero(self, input: Shape) -> bool:
        return True

    def channels(self, input: Shape) -> Channels:
        return "gathered"


@dataclass(frozen=True)
class FactorizedReduce(Composite):
    """Halves the size and uses every position (Zoph et al. 2018, NASNet; `FactorizedReduce` in DARTS' operations.py).

    ReLU, two 1×1 convolutions of stride 2 with half of the width each, the second offset by one position along each
    axis, and batch norm. DARTS fails on maps of odd size; here they are padded with a zero at the end, and the output
    size is ⌈n / 2⌉. With `stride: 1` it is ReLU, one 1×1 convolution and batch norm, or the identity if the width is
    kept.
    """

    name: ClassVar[str] = "factorized_reduce"
    family: ClassVar[Family] = "conv"

    width: Positive
    stride: Literal[1, 2] = 2

    def parts(self, input: Shape) -> Op:
        channels, _ = spatial(self.name, input)
        if self.stride == 1:
            same = channels == self.width
            return Identity() if same else Chain((ReLU(), Conv(self.width, kernel=1, bias=False), BatchNorm()))
        if self.width % 2:
            raise ShapeError(f"{self.name} of stride 2 needs an even width, got {self.width}")
        return Chain((ReLU(), TwoPhases(self.width), BatchNorm()))

    def is_identity(self, input: Shape) -> bool:
        return self.stride == 1 and input[0] == self.width
