"""Convolutions over texts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.errors import ShapeError
from nas.ops.conv import Conv
from nas.ops.normal import Channels, Normal
from nas.ops.op import Cost, Family, Op, Positive, Shape, show_shape

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class WideConv(Op):
    """A convolution of a text `(C, L)` over all windows that have at least one position of the text.

    This is the wide convolution of Kalchbrenner et al. 2014 (A Convolutional Neural Network for Modelling Sentences,
    §2.2), which gives `(width, L + kernel - 1)`. Windows that consist of padding, positions whose channels are all 0
    (see `embedding`), give 0.
    """

    name: ClassVar[str] = "wide_conv"
    family: ClassVar[Family] = "conv"

    width: Positive
    kernel: Positive = 3
    bias: bool = True

    def shape(self, input: Shape) -> Shape:
        if len(input) != 2:
            raise ShapeError(f"{self.name} needs a sequence (C, L), got {show_shape(input)}")
        return self.width, input[1] + self.kernel - 1

    def cost(self, input: Shape) -> Cost:
        weights = self.width * input[0] * self.kernel
        return Cost(weights + self.width * self.bias, weights * self.shape(input)[1])

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops import masked_modules

        return masked_modules.WideConv(input[0], self.width, self.kernel, self.bias)

    def normal(self, input: Shape) -> Normal:
        # Without a bias, a window of one position gives 0 of padding in any case.
        plain = self.kernel == 1 and not self.bias
        return Conv(self.width, kernel=1, bias=False).normal(input) if plain else super().normal(input)

    def keeps_zero(self, input: Shape) -> bool:
        return True

    def channels(self, input: Shape) -> Channels:
        return "mixed"
