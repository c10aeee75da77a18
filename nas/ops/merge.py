"""Ops that merge several values into one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.errors import ShapeError
from nas.ops.op import Merge, Shape, show_shape

if TYPE_CHECKING:
    import torch


def one_shape(merge: str, inputs: Sequence[Shape]) -> Shape:
    """The shape that all inputs have. Raises ShapeError if they differ."""
    if len(set(inputs)) != 1:
        raise ShapeError(f"{merge} needs values of equal shape, got {' and '.join(map(show_shape, inputs))}")
    return inputs[0]


@dataclass(frozen=True)
class Add(Merge):
    """The sum of values of equal shape (He et al. 2016, eq. 1)."""

    name: ClassVar[str] = "add"
    commutative: ClassVar[bool] = True
    kind = "sum"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        return one_shape(self.name, inputs)

    def combine(self, tensors: "Sequence[torch.Tensor]") -> "torch.Tensor":
        total = tensors[0]
        for tensor in tensors[1:]:
            total = total + tensor
        return total

    def source(self, names: Sequence[str]) -> str:
        return " + ".join(names)


@dataclass(frozen=True)
class Multiply(Merge):
    """The elementwise product of values of equal shape."""

    name: ClassVar[str] = "multiply"
    commutative: ClassVar[bool] = True
    kind = "product"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        return one_shape(self.name, inputs)

    def combine(self, tensors: "Sequence[torch.Tensor]") -> "torch.Tensor":
        product = tensors[0]
        for tensor in tensors[1:]:
            product = product * tensor
        return product

    def source(self, names: Sequence[str]) -> str:
        return " * ".join(names)


@dataclass(frozen=True)
class Concat(Merge):
    """The channels of all values, in order; their maps have equal sizes (Szegedy et al. 2015, Inception)."""

    name: ClassVar[str] = "concat"
    kind = "concat"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        if len({input[1:] for input in inputs}) != 1:
            raise ShapeError(f"concat needs maps of equal size, got {' and '.join(map(show_shape, inputs))}")
        return sum(input[0] for input in inputs), *inputs[0][1:]

    def combine(self, tensors: "Sequence[torch.Tensor]") -> "torch.Tensor":
        import torch

        return torch.cat(tuple(tensors), dim=1)

    def source(self, names: Sequence[str]) -> str:
        return f"torch.cat(({', '.join(names)}{',' * (len(names) == 1)}), dim=1)"
