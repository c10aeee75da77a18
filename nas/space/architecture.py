"""An architecture: the decisions, and the network that follows from them, as frozen data without torch."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nas.ops import Augment, Cost, Identity, Op, Shape
from nas.ops.op import FREE
from nas.space.choice import Choices
from nas.space.identity.canonical import network_id
from nas.space.network.cell import Cell, CellLayer
from nas.space.network.layer import Layer, total


@dataclass(frozen=True)
class Architecture:
    """A member of a space.

    Attributes:
        choices: (name, value) of all decisions, in the order of the walk.
        blocks: the network in topological order, each cell as one block; layers that do nothing are left out.
        input: shape of one sample.
    """

    choices: Choices
    blocks: tuple[Layer | CellLayer, ...]
    input: Shape

    @property
    def output(self) -> Shape:
        """Shape of the network's output for one sample."""
        return self.blocks[-1].output if self.blocks else self.input

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The network in topological order, with cells expanded; the last layer is its output."""
        return tuple(layer for _, layers in self.sections for layer in layers)

    @cached_property
    def sections(self) -> tuple[tuple[str, tuple[Layer, ...]], ...]:
        """The same layers by cell: (name of the cell, its layers), or an empty name and one layer."""
        sections: list[tuple[str, tuple[Layer, ...]]] = []
        place, count = [0], 0  # place[k]: the index in the expanded network of value k of the blocks
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
        if place[-1] != count:  # the output of a cell may be one of its inputs
            sections.append(("", (Layer(Identity(), (place[-1],), shape, FREE),)))
        return tuple(sections)

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """The cells by name; of copies that share their decisions, the first one."""
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
        """The size of the vocabulary of a sample; None if it consists of values, which the network normalises."""
        counts = (layer.op.tokens for layer in self.layers if isinstance(layer.op, Op))
        return min((count for count in counts if count is not None), default=None)

    @cached_property
    def augment(self) -> Augment:
        """The changes of training samples that the network asks for, with its first layer; by default none."""
        op = self.blocks[0].op if self.blocks else None
        return op if isinstance(op, Augment) else Augment()

    @cached_property
    def id(self) -> str:
        """16 hexadecimal digits: equal if and only if the networks compute the same, by the rules in `canonical.py`.

        Networks with equal ids may differ in layers that do not affect the output, and thus in cost.
        """
        return network_id(self.input, self.blocks)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of each layer in the module and in the exported source: `conv1`, `batch_norm1`, `conv2`, ..."""
        seen: Counter[str] = Counter()
        names = []
        for layer in self.layers:
            seen[layer.op.name] += 1
            names.append(f"{layer.op.name}{seen[layer.op.name]}")
        return tuple(names)

    def to_dict(self) -> dict[str, Any]:
        """The architecture as plain data, for YAML and JSON; `Space.rebuild` restores it from `choices`."""
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
