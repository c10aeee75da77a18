"""Reading cells: their numbers, and the layers on edges or in nodes."""

from collections.abc import Callable

import pytest

from nas.space import parse_space
from nas.space.reading.cells import CELL_KEYS


def test_keys_are_frozen() -> None:
    assert " ".join(CELL_KEYS) == "inputs nodes reads edge node edges project width stride output"


# Layers (or, where it begins with a key of the file, the whole file) and the exact message, after the name.
HEAD = "input: [4]\nlayers:\n"
PROBLEMS = {
    "cell word": (
        HEAD + "  - cell: relu",
        "3:11: 0: not a cell (expected a mapping with either 'edge' (layers on the edges) or "
        "'node' (layers in the nodes), got the text 'relu')",
    ),
    "cell neither": (
        HEAD + "  - cell: {nodes: 2}",
        "3:11: 0: not a cell (expected a mapping with either 'edge' (layers on the edges) or "
        "'node' (layers in the nodes), got a mapping with 'nodes')",
    ),
    "cell both": (
        HEAD + "  - cell: {nodes: 2, edge: relu, node: relu}",
        "3:11: 0: not a cell (expected a mapping with either 'edge' (layers on the edges) or "
        "'node' (layers in the nodes), got a mapping with 'nodes', 'edge', 'node')",
    ),
    "cell no nodes": (
        HEAD + "  - cell: {edge: relu}",
        "3:11: 0: the number of nodes is missing (expected 'nodes', got a mapping with 'edge')",
    ),
    "cell nodes 0": (
        HEAD + "  - cell: {nodes: 0, edge: relu}",
        "3:19: 0.nodes: the number is out of range (expected 1 to 1000, got 0)",
    ),
    "cell nodes much": (
        HEAD + "  - cell: {nodes: 1001, edge: relu}",
        "3:19: 0.nodes: the number is out of range (expected 1 to 1000, got 1001)",
    ),
    "cell nodes word": (
        HEAD + "  - cell: {nodes: two, edge: relu}",
        "3:19: 0.nodes: not a count (expected a whole number, 0 or more, got the text 'two')",
    ),
    "cell key": (
        HEAD + "  - cell: {nodes: 2, edge: relu, node_count: 3}",
        "3:34: 0: no such key: 'node_count' (expected inputs, nodes, reads, edge, node, edges, project, width, "
        "stride, output)",
    ),
    "cell edges of edge": (
        HEAD + "  - cell: {nodes: 2, edge: relu, edges: 3}",
        "3:41: 0: 'edges' does not apply to cells with 'edge'",
    ),
    "cell reads of node": (
        HEAD + "  - cell: {nodes: 2, node: relu, reads: 3, inputs: 2, output: concat}",
        "3:41: 0: 'reads' does not apply to cells with 'node'\n"
        "f:3:52: 0: 'inputs' does not apply to cells with 'node'\n"
        "f:3:63: 0: 'output' does not apply to cells with 'node'",
    ),
    "cell inputs": (
        HEAD + "  - cell: {nodes: 2, edge: relu, inputs: 3}",
        "3:42: 0: a cell has one or two inputs (expected 1 or 2, got 3)",
    ),
    "cell inputs word": (
        HEAD + "  - cell: {nodes: 2, edge: relu, inputs: many}",
        "3:42: 0.inputs: not a count (expected a whole number, 0 or more, got the text 'many')",
    ),
    "cell output": (
        HEAD + "  - cell: {nodes: 2, edge: relu, output: sum}",
        "3:42: 0: no such output (expected last, concat, got the text 'sum')",
    ),
    "cell width choice": (
        HEAD + "  - cell: {nodes: 2, edge: relu, width: {choice: [2, 3]}}",
        "3:41: 0: a cell does not choose its width (expected a number, or a parameter of a definition that is "
        "given a choice, got a mapping with 'choice')",
    ),
    "cell width word": (
        HEAD + "  - cell: {nodes: 2, edge: relu, width: wide}",
        "3:41: 0.width: a value does not fit (expected a valid integer, got the text 'wide')",
    ),
    "cell stride word": (
        HEAD + "  - cell: {nodes: 2, edge: relu, stride: 1.5}",
        "3:42: 0.stride: a value does not fit (expected a valid integer, got 1.5)",
    ),
    "cell stride below 1": (
        HEAD + "  - cell: {nodes: 2, edge: relu, stride: -1}",
        "3:42: 0.stride: a value does not fit (expected greater than or equal to 1, got -1)",
    ),
    "cell width 0": (
        HEAD + "  - cell: {nodes: 2, edge: relu, width: 0}",
        "3:41: 0.width: a value does not fit (expected greater than or equal to 1, got 0)",
    ),
    "cell stride 0 by a word": (
        "input: [4]\ndefine: {c: {parameters: {s: }, cell: {nodes: 1, edge: relu, stride: s}}}\nlayers: [{c: {s: 0}}]",
        "2:70: 0.c.stride: a value does not fit (expected greater than or equal to 1, got 0)",
    ),
    "cell width 0 by a choice": (
        (
            "input: [4]\n"
            "define: {c: {parameters: {w: }, cell: {nodes: 1, edge: relu, width: w}}}\n"
            "layers: [{c: {w: {choice: [2, 0]}}}]"
        ),
        "2:69: 0.c.width: a value does not fit (expected greater than or equal to 1, got 0)",
    ),
    "cell project choice": (
        HEAD + "  - cell: {nodes: 2, edge: relu, project: {conv: {width: width, kernel: {choice: [1, 3]}}}}",
        "3:43: 0: a projection cannot contain choices (expected layers without choices)",
    ),
    "cell project choice by a definition": (
        (
            "input: [4]\n"
            "define: {p: {choice: [relu, gelu]}}\n"
            "layers: [{name: c, cell: {nodes: 2, edge: relu, project: [tanh, p]}}]"
        ),
        "3:58: c: a projection cannot contain choices (expected layers without choices)",
    ),
    "cell reads much": (
        HEAD + "  - cell: {nodes: 19, edge: relu, reads: 2}",
        "3:42: 0.reads: too many possibilities (expected at most 1,000 sets of nodes, over all that read)",
    ),
    "cell reads very much": (
        HEAD + "  - cell: {nodes: 1000, edge: relu, reads: 500}",
        "3:44: 0.reads: too many possibilities (expected at most 1,000 sets of nodes, over all that read)",
    ),
    "cell reads much of two": (
        HEAD + "  - cell: {nodes: 18, inputs: 2, edge: relu, reads: 2}",
        "3:53: 0.reads: too many possibilities (expected at most 1,000 sets of nodes, over all that read)",
    ),
    "cell reads one of many": (
        HEAD + "  - cell: {nodes: 45, edge: relu, reads: 1}",
        "3:42: 0.reads: too many possibilities (expected at most 1,000 sets of nodes, over all that read)",
    ),
    "cell reads much of few": (
        HEAD + "  - cell: {nodes: 12, edge: relu, reads: 4}",
        "3:42: 0.reads: too many possibilities (expected at most 1,000 sets of nodes, over all that read)",
    ),
    "cell reads all but one of very many": (
        HEAD + "  - cell: {nodes: 1000, edge: relu, reads: 999}",
        "3:44: 0.reads: too many possibilities (expected at most 1,000 sets of nodes, over all that read)",
    ),
    "cell reads 0": (
        HEAD + "  - cell: {nodes: 2, edge: relu, reads: 0}",
        "3:41: 0.reads: the number is out of range (expected 1 to 1000, got 0)",
    ),
    "cell edge": (
        HEAD + "  - cell: {nodes: 2, edge: relo, project: [gelo]}",
        "3:28: 0.0-1: no op is named 'relo' (did you mean 'relu'?)\n"
        "f:3:44: 0.project.0: no op is named 'gelo' (did you mean 'gelu'?)",
    ),
    "cell in cell": (
        HEAD + "  - cell: {nodes: 2, edge: [{cell: {nodes: 1, edge: relu}}]}",
        "3:29: 0.0-1.0: a cell cannot contain a cell (expected layers)",
    ),
    "cell share inside": (
        (
            "input: [4]\n"
            "define: {a: {share: true, choice: [relu]}, w: {share: true, choice: [2]}}\n"
            "layers:\n"
            "  - cell: {nodes: 2, edge: [a, {conv: {width: w}}]}"
        ),
        "4:29: 0.0-1.0: a shared definition cannot be used in a cell (expected a definition without 'share', got 'a')\n"
        "f:4:47: 0.0-1.1.conv.width: a shared definition cannot be used in a cell (expected a definition without "
        "'share', got 'w')",
    ),
    "cell edge name": (
        HEAD + "  - cell: {nodes: 2, edge: {name: a, relu: }}",
        "3:35: 0.0-1: a single layer cannot have a name (expected a label, or a list)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"


@pytest.mark.parametrize(
    ("inputs", "nodes", "reads"),
    [(1, 18, 2), (2, 17, 2), (1, 11, 4), (1, 44, 1), (2, 43, 1), (1, 9, 20), (1, 999, 998)],
)
def test_as_many_sets_of_nodes_as_there_may_be(inputs: int, nodes: int, reads: int) -> None:
    parse_space(f"input: [2, 4]\nlayers: [{{cell: {{inputs: {inputs}, nodes: {nodes}, reads: {reads}, edge: relu}}}}]")
