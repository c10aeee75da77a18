"""An architecture: what was decided, and the network that follows from it, as frozen data without torch."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nas.ops import Cost, Identity, Merge, Op, Shape
from nas.ops.op import FREE

if TYPE_CHECKING:
    from nas.space.building import Builder
    from nas.space.identity.terms import Inside

Value = str | int | float | bool | None
"""An option of a choice: a plain value, or the label of a layer or of a list of layers."""


class Layer(NamedTuple):
    """One layer of a network.

    `inputs` number the values that the layer reads: 0 is the network's input, k the output of the k-th layer.
    """

    op: Op | Merge
    inputs: tuple[int, ...]
    output: Shape
    cost: Cost


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
    def build(self, builder: "Builder") -> int:
        """Builds it of pieces and merges; the value that is its output. Values 0 to k - 1 are its k inputs."""

    @abstractmethod
    def layers(self) -> tuple[tuple[Layer, ...], int]:
        """Its layers, the values 0 to k - 1 being its k inputs and k the output of its first layer; and its output."""

    @cached_property
    def insides(self) -> "dict[tuple[int, ...], Inside]":
        """Remembers what is in it, by which of its inputs are equal or zero (`terms.py`)."""
        return {}


class CellLayer(NamedTuple):
    """A cell in a network; `inputs` as in `Layer`, each block being one value."""

    op: Cell
    inputs: tuple[int, ...]
    output: Shape
    cost: Cost


@dataclass(frozen=True)
class Architecture:
    """A member of a space.

    Attributes:
        choices: (name, value) of every decision that was reached, in the order of the walk.
        blocks: the network in topological order, each cell as one block, layers that do nothing left out.
        input: shape of one sample.
    """

    choices: tuple[tuple[str, Value], ...]
    blocks: tuple[Layer | CellLayer, ...]
    input: Shape

    @property
    def output(self) -> Shape:
        """Shape of the network's output for one sample."""
        return self.blocks[-1].output if self.blocks else self.input

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The network in topological order, cells opened; the last layer is its output."""
        return tuple(layer for _, layers in self.sections for layer in layers)

    @cached_property
    def sections(self) -> tuple[tuple[str, tuple[Layer, ...]], ...]:
        """The same layers in groups: (name of the cell, its layers), or an empty name and one layer."""
        sections: list[tuple[str, tuple[Layer, ...]]] = []
        place, count = [0], 0  # place[k]: which value of the opened network the k-th value of the blocks is
        shape = self.input
        for block in self.blocks:
            shape = block.output
            inputs = [place[index] for index in block.inputs]
            if isinstance(block, Layer):
                sections.append(("", (block._replace(inputs=tuple(inputs)),)))
                count += 1
                place.append(count)
                continue
            layers, output = block.op.layers()
            inner = [*inputs, *range(count + 1, count + len(layers) + 1)]
            moved = (layer._replace(inputs=tuple(inner[index] for index in layer.inputs)) for layer in layers)
            sections.append((block.op.name, tuple(moved)))
            count += len(layers)
            place.append(inner[output])
        if place[-1] != count:  # the output of a cell may be one of the values that it reads
            sections.append(("", (Layer(Identity(), (place[-1],), shape, FREE),)))
        return tuple(sections)

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Name to cell; of copies that are decided together the first one."""
        found: dict[str, Cell] = {}
        for block in self.blocks:
            if isinstance(block, CellLayer):
                found.setdefault(block.op.name, block.op)
        return found

    @cached_property
    def cost(self) -> Cost:
        """Parameters and MACs of the whole network."""
        return total(block.cost for block in self.blocks)

    @property
    def params(self) -> int:
        """Trainable parameters."""
        return self.cost.params

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations of one forward pass of one sample."""
        return self.cost.macs

    @cached_property
    def tokens(self) -> int | None:
        """How many token numbers, from 0, a sample may hold; None: it holds values, and the network normalises them."""
        counts = (layer.op.tokens for layer in self.layers if isinstance(layer.op, Op))
        return min((count for count in counts if count is not None), default=None)

    @cached_property
    def id(self) -> str:
        """16 hexadecimal digits: equal if and only if networks compute the same, by the rules of `canonical.py`.

        Equal networks may differ in layers that their outputs do not depend on, and so in what they cost.
        """
        from nas.space.identity.canonical import network_id  # it needs the classes of this module

        return network_id(self)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A name for each layer, as in the module and in the exported source: `conv1`, `batch_norm1`, `conv2`, ..."""
        seen: Counter[str] = Counter()
        names = []
        for layer in self.layers:
            seen[layer.op.name] += 1
            names.append(f"{layer.op.name}{seen[layer.op.name]}")
        return tuple(names)

    def to_dict(self) -> dict[str, Any]:
        """The architecture as plain data, for YAML and JSON; `Space.rebuild` makes it again from `choices`."""
        values = ("input", *self.names)
        return {
            "id": self.id,
            "params": self.params,
            "macs": self.macs,
            "input": list(self.input),
            "choices": dict(self.choices),
            "layers": [
                {
                    "name": name,
                    "op": layer.op.name,
                    **({"arguments": layer.op.arguments()} if layer.op.arguments() else {}),
                    "inputs": [values[index] for index in layer.inputs],
                    "output": list(layer.output),
                    "params": layer.cost.params,
                    "macs": layer.cost.macs,
                }
                for name, layer in zip(self.names, self.layers, strict=True)
            ],
        }


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of costs."""
    params = macs = 0
    for cost in costs:
        params += cost[0]
        macs += cost[1]
    return Cost(params, macs)
