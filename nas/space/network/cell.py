"""Cells: small graphs of layers that are one block of a network."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, Literal, NamedTuple

from nas.ops import Cost, Shape
from nas.space.network.building import Builder
from nas.space.network.layer import Layer


class Dag(NamedTuple):
    """A cell as a graph with ops in its nodes, in topological order from the inputs to the output.

    `edges[i][j]` says whether node j reads node i. `labels` are the chosen options, `input` and `output`.
    """

    edges: tuple[tuple[bool, ...], ...]
    labels: tuple[str, ...]


class Spot(NamedTuple):
    """A vertex in the sketch of a cell. `layers` are those of an op; there are none if it passes its input on."""

    kind: Literal["input", "op", "node", "output"]
    label: str
    layers: tuple[Layer, ...] = ()


class Sketch(NamedTuple):
    """A cell as it is drawn: its vertices in topological order, its edges as pairs of indices, and a note."""

    spots: tuple[Spot, ...]
    edges: tuple[tuple[int, int], ...]
    note: str = ""


class Cell(ABC):
    """A small graph of layers that is one block of a network."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The path of its decisions; copies that share their decisions have the same name."""

    @property
    @abstractmethod
    def inputs(self) -> tuple[Shape, ...]:
        """The shapes of its inputs."""

    @property
    @abstractmethod
    def cost(self) -> Cost:
        """The total cost of its layers."""

    @property
    @abstractmethod
    def dag(self) -> Dag:
        """Its graph."""

    @property
    @abstractmethod
    def sketch(self) -> Sketch:
        """The graph as it is drawn."""

    @property
    @abstractmethod
    def most_vertices(self) -> int:
        """The maximum number of vertices of the graphs of such cells."""

    @abstractmethod
    def is_vertex(self, place: str) -> bool:
        """Whether the decision with this name within the cell belongs to a vertex of the graph."""

    @abstractmethod
    def build(self, builder: Builder) -> int:
        """Builds the cell from pieces and merges; returns its output value. Values 0 to k - 1 are its k inputs."""

    @abstractmethod
    def layers(self) -> tuple[tuple[Layer, ...], int]:
        """Its layers and its output value. Values 0 to k - 1 are its k inputs, k is the output of its first layer."""

    @cached_property
    def insides(self) -> dict[tuple[int, ...], Any]:
        """A cache of `identity/terms.py`: the content of the cell, by which of its inputs are equal or zero."""
        return {}


class CellLayer(NamedTuple):
    """A cell in a network; `inputs` as in `Layer`, where each block is one value."""

    op: Cell
    inputs: tuple[int, ...]
    output: Shape
    cost: Cost
