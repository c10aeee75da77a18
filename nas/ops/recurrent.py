"""Recurrent layers over sequences `(C, L)`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from nas.errors import ShapeError
from nas.ops.normal import Channels
from nas.ops.op import Cost, Family, Op, Positive, Shape, show_shape

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class _Recurrent(Op):
    """`output: sequence` gives `(units · directions, L)`. `last` gives `(units · directions,)`: the final hidden states
    of the last layer, forward before backward. `dropout` is applied between layers. With `mask`, texts are read without
    their padding, positions whose channels are all 0 (see `embedding`); the output is 0 there."""

    family: ClassVar[Family] = "sequence"

    gates: ClassVar[int]

    units: Positive
    layers: Positive = 1
    bidirectional: bool = False
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    output: Literal["sequence", "last"] = "sequence"
    mask: bool = False

    def __post_init__(self) -> None:
        if self.layers == 1:  # no layers to be between; one spelling, so that ids are equal
            object.__setattr__(self, "dropout", 0.0)

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def shape(self, input: Shape) -> Shape:
        if len(input) != 2:
            raise ShapeError(f"{self.name} needs a sequence (C, L), got {show_shape(input)}")
        channels = self.units * self._directions
        return (channels, input[1]) if self.output == "sequence" else (channels,)

    def cost(self, input: Shape) -> Cost:
        channels, length = input
        rows = self.gates * self.units * self._directions  # of all weight matrices of a layer
        widths = [channels, *[self.units * self._directions] * (self.layers - 1)]
        weights = sum(rows * (width + self.units) for width in widths)
        return Cost(weights + 2 * rows * self.layers, weights * length)

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops.masked_modules import MaskedRecurrent
        from nas.ops.sequence_modules import Recurrent

        return (MaskedRecurrent if self.mask else Recurrent)(
            self.name, input[0], self.units, self.layers, self.bidirectional, self.dropout, self.output == "last"
        )

    def keeps_zero(self, input: Shape) -> bool:
        return self.mask

    def channels(self, input: Shape) -> Channels:
        return "gathered" if self.bidirectional else "mixed"


@dataclass(frozen=True)
class LSTM(_Recurrent):
    """Long short-term memory (Hochreiter & Schmidhuber 1997, Gers et al. 2000; `torch.nn.LSTM`)."""

    name: ClassVar[str] = "lstm"
    gates: ClassVar[int] = 4


@dataclass(frozen=True)
class GRU(_Recurrent):
    """Gated recurrent units (Cho et al. 2014; `torch.nn.GRU`)."""

    name: ClassVar[str] = "gru"
    gates: ClassVar[int] = 3
