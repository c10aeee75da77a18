"""What holds for every cell: its layers, its graph and its picture fit each other."""

import numpy as np
import pytest

from nas.ops import Merge
from nas.space import parse_space
from nas.space.network.cell import CellLayer
from nas.space.network.layer import total

CELLS = {
    "edges": "nodes: 3, edge: {choice: [zero, identity, relu, [{conv: {width: width}}, batch_norm]]}",
    "two inputs": "nodes: 2, reads: 1, inputs: 2, output: concat, edge: {choice: [relu, {conv: {width: 2}}]}",
    "nodes": "nodes: 3, node: {choice: {conv: {conv: {width: width}}, relu: relu}}, "
    "project: {conv: {width: width, kernel: 1}}, width: 5",
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize("seed", range(5))
def test_layers_graph_and_picture(cell: str, seed: int) -> None:
    arch = parse_space(f"input: [2, 4]\nlayers: [{{cell: {{{cell}}}}}]").sample(np.random.default_rng(seed))
    (block,) = arch.blocks
    assert isinstance(block, CellLayer)
    found = block.op
    layers, output = found.layers()
    shapes = [*found.inputs, *(layer.output for layer in layers)]
    assert arch.cells == {found.name: found}
    assert shapes[output] == block.output
    assert found.cost == block.cost == total(layer.cost for layer in layers)
    for number, layer in enumerate(layers, len(found.inputs)):
        assert all(value < number for value in layer.inputs)
        read = [shapes[value] for value in layer.inputs]
        assert layer.output == (layer.op.shape(read) if isinstance(layer.op, Merge) else layer.op.shape(*read))
    edges, labels = found.dag
    assert len(labels) == len(edges) <= found.most_vertices
    assert labels[0] == "input"
    assert labels[-1] == "output"
    assert not any(edges[later][one] for later in range(len(edges)) for one in range(later + 1))
    assert all(one < other < len(found.sketch.spots) for one, other in found.sketch.edges)
    assert found.insides is found.insides, "remembered from one id to the next"
