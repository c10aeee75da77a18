"""What is left of a network when all that does nothing is gone."""

import numpy as np
import pytest

from nas.space import parse_space
from nas.space.identity.terms import ZERO, Kind, graph_of


def _graph(text: str) -> tuple[list[str], int]:
    """The kinds of the nodes, and the value that is the output."""
    arch = parse_space(f"input: [4, 6]\nlayers: {text}").sample(np.random.default_rng(0))
    graph = graph_of(arch.input, arch.blocks)
    return [Kind(node.kind).name for node in graph.nodes], graph.output


@pytest.mark.parametrize(
    ("text", "kinds", "output"),
    [
        ("[]", [], 0),
        ("[relu]", ["OP"], 1),
        ("[zero]", [], ZERO),
        ("[zero, relu, max_pool]", [], ZERO),
        ("[zero, sigmoid]", ["OP"], 1),
        ("[zero, batch_norm]", ["OP"], 1),
        ("[{parallel: [[zero], []]}]", [], 0),
        ("[{parallel: [[zero], [relu]]}]", ["OP"], 1),
        ("[{parallel: [[relu], [relu]]}]", ["OP", "SUM"], 2),
        ("[{parallel: [[batch_norm], [batch_norm]]}]", ["OP", "OP", "SUM"], 3),
        ("[{parallel: [[zero], [batch_norm]], merge: multiply}]", [], ZERO),
        ("[{parallel: [[zero], [zero]], merge: concat}]", [], ZERO),
        ("[{parallel: [[zero], [relu]], merge: concat}]", ["OP", "CONCAT"], 2),
        ("[{mbconv: {width: 4, se: 0.5}}]", ["OP", "OP", "PRODUCT", "OP", "SUM"], 5),
        ("[{cell: {nodes: 2, edge: identity}}]", ["SUM"], 1),
        ("[{cell: {nodes: 1, edge: identity}}]", [], 0),
        ("[{cell: {nodes: 1, edge: zero}}]", [], ZERO),
        ("[{cell: {nodes: 1, edge: batch_norm}}]", ["CELL"], 1),
        ("[{cell: {nodes: 1, edge: {residual: [batch_norm]}}}]", ["CELL", "SUM"], 2),
        ("[zero, {cell: {nodes: 1, edge: [relu, {max_pool: {kernel: 3, stride: 1, padding: 1}}]}}]", [], ZERO),
    ],
)
def test_nodes(text: str, kinds: list[str], output: int) -> None:
    assert _graph(text) == (kinds, output)
