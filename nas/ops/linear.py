"""The fully connected layer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.errors import ShapeError
from nas.ops.normal import Channels
from nas.ops.op import Cost, Family, Op, Positive, Shape, show_shape

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Linear(Op):
    """`(F,)` to `(units,)` (`torch.nn.Linear`)."""

    name: ClassVar[str] = "linear"
    family: ClassVar[Family] = "linear"

    units: Positive
    bias: bool = True

    def shape(self, input: Shape) -> Shape:
        if len(input) != 1:
            raise ShapeError(
                f"linear needs a flat input (F,), got {show_shape(input)}; use flatten or global_avg_pool before it"
            )
        return (self.units,)

    def cost(self, input: Shape) -> Cost:
        weights = input[0] * self.units
        return Cost(weights + self.units * self.bias, weights)

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Linear(input[0], self.units, bias=self.bias)

    def keeps_zero(self, input: Shape) -> bool:
        return not self.bias

    def channels(self, input: Shape) -> Channels:
        return "mixed"
