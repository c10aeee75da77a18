"""NAS-Bench-201, all of it, held against its published table."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from nas.space import load_space

SPACE = Path(__file__).parents[2] / "search_spaces" / "nasbench201.yaml"
LABELS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
EDGES = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]


class Member(NamedTuple):
    ops: tuple[str, ...]
    params: int
    macs: int
    id: str


@pytest.fixture(scope="module")
def members() -> dict[tuple[str, ...], Member]:
    """By the labels of its edges."""

    def found() -> Iterator[Member]:
        for arch in load_space(SPACE):
            decided = dict(arch.choices)
            ops = tuple(str(decided[f"normal.{source}-{node}"]) for source, node in EDGES)
            yield Member(ops, arch.params, arch.macs, arch.id)

    return {member.ops: member for member in found()}


def function_of(ops: Sequence[str]) -> tuple[object, ...]:
    """What a cell computes, as the terms of a sum, an op done to a sum being a term. Sums in sums are flattened, and a
    zero, or whatever is done to it, is no term."""
    nodes: list[tuple[object, ...]] = [("input",)]
    for node in (1, 2, 3):
        terms: list[object] = []
        for (source, target), op in zip(EDGES, ops, strict=True):
            if target == node and op == "skip_connect":
                terms += nodes[source]
            elif target == node and op != "none" and nodes[source]:
                terms.append((op, nodes[source]))
        nodes.append(tuple(sorted(terms, key=repr)))
    return nodes[-1]


@pytest.mark.slow
def test_there_are_as_many_networks_as_published(members: dict[tuple[str, ...], Member]) -> None:
    assert len(members) == 5**6
    assert len({member.id for member in members.values()}) == 6466


@pytest.mark.slow
def test_fewer_functions_than_ids(members: dict[tuple[str, ...], Member]) -> None:
    """The published rule, and with it ours, counts spellings: a sum with a zero, or sums nested otherwise, differ."""
    functions = {(function_of(member.ops), member.id) for member in members.values()}
    assert len(functions) == 6466  # networks with one id are one function
    assert len({function for function, _ in functions}) == 4930


@pytest.mark.slow
def test_every_row_of_the_table(members: dict[tuple[str, ...], Member], tables: Path) -> None:
    table = dict(np.load(tables / "nasbench201" / "nasbench201.npz"))
    assert table["op_names"].tolist() == LABELS
    assert list(map(tuple, table["edges"].tolist())) == EDGES
    rows = [members[tuple(LABELS[op] for op in ops)] for ops in table["ops"].tolist()]
    assert [row.params for row in rows] == table["params"].tolist()
    assert [row.macs + 10 for row in rows] == table["macs"].tolist()  # there the biases of the last layer are counted
    # Equal ids just where the table says that cells are equal.
    pairs = {(row.id, isomorph) for row, isomorph in zip(rows, table["isomorph_id"].tolist(), strict=True)}
    assert len(pairs) == len({id for id, _ in pairs}) == len({isomorph for _, isomorph in pairs}) == 6466
