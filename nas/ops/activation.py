"""Activations, dropout and the identity: no parameters, the shape is kept. Names are PyTorch's."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from nas.ops.normal import Channels
from nas.ops.op import FREE, Cost, Op, Shape

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class _Elementwise(Op):
    zero_at_zero: ClassVar[bool] = True

    def shape(self, input: Shape) -> Shape:
        return input

    def cost(self, input: Shape) -> Cost:
        return FREE

    def keeps_zero(self, input: Shape) -> bool:
        return self.zero_at_zero

    def channels(self, input: Shape) -> Channels:
        return "alike"


@dataclass(frozen=True)
class ReLU(_Elementwise):
    """max(x, 0) (`torch.nn.ReLU`)."""

    name: ClassVar[str] = "relu"

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.ReLU()


@dataclass(frozen=True)
class ReLU6(_Elementwise):
    """min(max(x, 0), 6) (`torch.nn.ReLU6`)."""

    name: ClassVar[str] = "relu6"

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.ReLU6()


@dataclass(frozen=True)
class LeakyReLU(_Elementwise):
    """x where positive, `negative_slope` · x elsewhere (`torch.nn.LeakyReLU`)."""

    name: ClassVar[str] = "leaky_relu"

    negative_slope: Annotated[float, Field(ge=0, le=1)] = 0.01

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.LeakyReLU(self.negative_slope)

    def is_identity(self, input: Shape) -> bool:
        return self.negative_slope == 1

    def meaning(self, input: Shape) -> str:
        return self.text if self.negative_slope else ReLU().text


@dataclass(frozen=True)
class ELU(_Elementwise):
    """x where positive, exp(x) - 1 elsewhere (Clevert et al. 2016; `torch.nn.ELU`)."""

    name: ClassVar[str] = "elu"

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.ELU()


@dataclass(frozen=True)
class GELU(_Elementwise):
    """x · Φ(x) (Hendrycks & Gimpel 2016; `torch.nn.GELU`)."""

    name: ClassVar[str] = "gelu"

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.GELU()


@dataclass(frozen=True)
class SiLU(_Elementwise):
    """x · sigmoid(x), also called swish (`torch.nn.SiLU`)."""

    name: ClassVar[str] = "silu"

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.SiLU()


@dataclass(frozen=True)
class Hardswish(_Elementwise):
    """x · relu6(x + 3) / 6 (Howard et al. 2019, MobileNetV3; `torch.nn.Hardswish`)."""

    name: ClassVar[str] = "hardswish"

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Hardswish()


@dataclass(frozen=True)
class Mish(_Elementwise):
    """x · tanh(softplus(x)) (Misra 2020; `torch.nn.Mish`)."""

    name: ClassVar[str] = "mish"

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Mish()


@dataclass(frozen=True)
class Tanh(_Elementwise):
    """tanh(x) (`torch.nn.Tanh`)."""

    name: ClassVar[str] = "tanh"

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Tanh()


@dataclass(frozen=True)
class Sigmoid(_Elementwise):
    """1 / (1 + exp(-x)) (`torch.nn.Sigmoid`)."""

    name: ClassVar[str] = "sigmoid"
    zero_at_zero: ClassVar[bool] = False

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Sigmoid()


@dataclass(frozen=True)
class Hardsigmoid(_Elementwise):
    """relu6(x + 3) / 6 (Howard et al. 2019, MobileNetV3; `torch.nn.Hardsigmoid`)."""

    name: ClassVar[str] = "hardsigmoid"
    zero_at_zero: ClassVar[bool] = False

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Hardsigmoid()


@dataclass(frozen=True)
class Dropout(_Elementwise):
    """Zeroes each value with probability `p` in training (Srivastava et al. 2014; `torch.nn.Dropout`)."""

    name: ClassVar[str] = "dropout"
    random: ClassVar[bool] = True

    p: Annotated[float, Field(ge=0, lt=1)] = 0.5

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Dropout(self.p)

    def is_identity(self, input: Shape) -> bool:
        return self.p == 0


@dataclass(frozen=True)
class Identity(_Elementwise):
    """Returns its input; the layer is left out of the network."""

    name: ClassVar[str] = "identity"

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Identity()

    def is_identity(self, input: Shape) -> bool:
        return True
