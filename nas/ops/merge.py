"""Ops that join several values into one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.errors import ShapeError
from nas.ops.op import Merge, Shape, show_shape

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Add(Merge):
    """The sum of values of one shape (He et al. 2016, eq. 1)."""

    name: ClassVar[str] = "add"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        if len(set(inputs)) != 1:
            raise ShapeError(f"add needs values of one shape, and got {' and '.join(map(show_shape, inputs))}")
        return inputs[0]

    def combine(self, tensors: "Sequence[torch.Tensor]") -> "torch.Tensor":
        total = tensors[0]
        for tensor in tensors[1:]:
            total = total + tensor
        return total

    def source(self, names: Sequence[str]) -> str:
        return " + ".join(names)
