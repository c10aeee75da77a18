"""Where channels in a row may stand in any order."""

import numpy as np
import pytest

from nas.space import parse_space
from nas.space.identity.channels import unordered
from nas.space.identity.terms import graph_of

ROW = "{parallel: [[relu], [gelu]], merge: concat}"
MIXED = "{conv: {width: 8, kernel: 1}}"


def _count(text: str) -> int:
    """How many rows of a network have no order."""
    space = parse_space(f"input: [4, 6]\nlayers: {text}")
    arch = space.sample(np.random.default_rng(0))
    return sum(map(len, unordered(graph_of(arch.input, arch.blocks)).values()))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[relu]", 0),
        (f"[{ROW}]", 0),
        (f"[{ROW}, {MIXED}]", 1),
        (f"[{ROW}, batch_norm, relu, max_pool, {MIXED}]", 1),
        (f"[{ROW}, flatten, {{linear: {{units: 3}}}}]", 1),
        (f"[{ROW}, {{conv: {{width: 8, groups: 2}}}}, {MIXED}]", 0),
        (f"[{ROW}, {{shuffle: {{groups: 2}}}}, {MIXED}]", 0),
        (f"[{ROW}, {{truncate: {{width: 6}}}}, {MIXED}]", 0),
        (f"[{ROW}, {{lstm: {{units: 3}}}}]", 1),
        # A value that is made by weights may be brought into the order of the row, and the input may not.
        (f"[{{parallel: [[{ROW}], [{MIXED}, relu]]}}, {MIXED}]", 1),
        (f"[{{parallel: [[{ROW}], [{{lstm: {{units: 4, bidirectional: true}}}}]]}}, {MIXED}]", 0),
        (f"[{{parallel: [[{ROW}], [{ROW}]]}}, {MIXED}]", 1),  # without weights: one row, read twice
        (f"[{{parallel: [[{ROW}], [{ROW.replace('relu', 'tanh')}]]}}, {MIXED}]", 0),
        (f"[{ROW}, {{residual: [{MIXED}]}}, {MIXED}]", 1),
        (f"[{{parallel: [[{ROW}], [tanh]], merge: concat}}, {MIXED}]", 2),
        (f"[{{parallel: [[{ROW}], [tanh]], merge: concat}}]", 0),
    ],
)
def test_rows_without_an_order(text: str, count: int) -> None:
    assert _count(text) == count


def test_rows_in_cells() -> None:
    cell = "{cell: {nodes: 2, output: concat, edge: relu}}"
    assert _count(f"[{cell}, {MIXED}]") == 1
    assert _count(f"[{cell}, {cell}, {MIXED}]") == 2
    assert _count(f"[{cell}]") == 0
    assert _count(f"[{cell}, {{conv: {{width: 8, groups: 2}}}}]") == 0
