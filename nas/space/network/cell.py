"""Cells: small graphs of layers that stand in a network as one block."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, Literal, NamedTuple

from nas.ops import Cost, Shape
from nas.space.network.building import Builder
from nas.space.network.layer import Layer


class Dag(NamedTuple):
    """A cell as a graph with ops in its nodes, in topological order, the inputs first and the output last.

    `edges[i][j]` says whether node j reads node i; `labels` are the options taken, `input` and `output`.
    """

    edges: tuple[tuple[bool, ...], ...]
    labels: tuple[str, ...]


class Spot(NamedTuple):
    """A place in the sketch of a cell; `layers` are those of an op, none if it hands on what it reads."""

    kind: Literal["input", "op", "node", "output"]
    label: str
    layers: tuple[Layer, ...] = ()


class Sketch(NamedTuple):
    """A cell as it is drawn, in topological order: pairs of spots are the edges, and the note holds for all of it."""

    spots: tuple[Spot, ...]
    edges: tuple[tuple[int, int], ...]
    note: str = ""


class Cell(ABC):
    """A small graph of layers that stands in a network as one block."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The path of its decisions; copies that are decided together have one name."""

    @property
    @abstractmethod
    def inputs(self) -> tuple[Shape, ...]:
        """The shapes of what it reads."""

    @property
    @abstractmethod
    def cost(self) -> Cost:
        """The cost of all its layers."""

    @property
    @abstractmethod
    def dag(self) -> Dag:
        """Its graph."""

    @property
    @abstractmethod
    def sketch(self) -> Sketch:
        """Its picture."""

    @property
    @abstractmethod
    def most_vertices(self) -> int:
        """The most vertices that the graph of a cell at this place may have."""

    @abstractmethod
    def is_vertex(self, place: str) -> bool:
        """Whether the decision of this name within the cell belongs to a vertex of the graph."""

    @abstractmethod
    def build(self, builder: Builder) -> int:
        """Builds it of pieces and merges; the value that is its output. Values 0 to k - 1 are its k inputs."""

    @abstractmethod
    def layers(self) -> tuple[tuple[Layer, ...], int]:
        """Its layers, the values 0 to k - 1 being its k inputs and k the output of its first layer; and its output."""

    @cached_property
    def insides(self) -> dict[tuple[int, ...], Any]:
        """Where `identity/terms.py` remembers what is in it, by which of its inputs are equal or zero."""
        return {}


class CellLayer(NamedTuple):
    """A cell in a network; `inputs` as in `Layer`, each block being one value."""

    op: Cell
    inputs: tuple[int, ...]
    output: Shape
    cost: Cost
