"""Building cells from pieces (the layers of one edge or node) and merges."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from nas.ops import Cost, Merge, Op, Shape, Truncate, Zero
from nas.ops.normal import IDENTITY, Chained, chained
from nas.ops.op import FREE
from nas.space.network.layer import Layer


@dataclass(frozen=True, eq=False)
class Piece:
    """The layers of one edge or node. Value 0 is their input, and `output` the index of their output.

    `label` is its name in a `Dag`, and `title` its name in drawings. `input` is the shape of its input.
    """

    layers: tuple[Layer, ...]
    output: int
    cost: Cost
    label: str
    title: str
    input: Shape

    @cached_property
    def chained(self) -> Chained | None:
        """The normal form of the layers if they are a chain, else None."""
        if self.output != len(self.layers):
            return None
        shape, found = self.input, IDENTITY
        for place, (op, inputs, after, _) in enumerate(self.layers):
            if inputs != (place,) or not isinstance(op, Op):
                return None
            found += op.normal(shape)
            shape = after
        return chained(found)

    @property
    def zero(self) -> bool:
        """Whether its output is zero."""
        return len(self.layers) == 1 and isinstance(self.layers[0].op, Zero)


class Builder(Protocol):
    """Builds a cell, whose inputs are the values 0, 1, ..."""

    def piece(self, piece: Piece, read: int) -> int:
        """Adds a piece that reads this value; returns its output value."""

    def truncate(self, value: int, shape: Shape, width: int) -> int:
        """The first `width` channels of a value of this shape."""

    def merge(self, op: Merge, values: Sequence[int], shapes: Sequence[Shape]) -> int:
        """Several values merged; a single value is returned as it is."""


class Opening:
    """Builds the layers of a cell with `inputs` inputs."""

    def __init__(self, inputs: int) -> None:
        self.layers: list[Layer] = []
        self._inputs = inputs

    def piece(self, piece: Piece, read: int) -> int:
        first = self._inputs + len(self.layers)
        inner: list[int] = [read, *range(first, first + len(piece.layers))]
        for layer in piece.layers:
            self.layers.append(layer._replace(inputs=tuple(inner[index] for index in layer.inputs)))
        return inner[piece.output]

    def truncate(self, value: int, shape: Shape, width: int) -> int:
        return self._layer(truncation(width), (value,), (width, *shape[1:]))

    def merge(self, op: Merge, values: Sequence[int], shapes: Sequence[Shape]) -> int:
        return values[0] if len(values) == 1 else self._layer(op, tuple(values), op.shape(shapes))

    def _layer(self, op: Op | Merge, inputs: tuple[int, ...], output: Shape) -> int:
        self.layers.append(Layer(op, inputs, output, FREE))
        return self._inputs + len(self.layers) - 1


@lru_cache(maxsize=1024)
def truncation(width: int) -> Op:
    """The op, created once."""
    return Truncate(width)
