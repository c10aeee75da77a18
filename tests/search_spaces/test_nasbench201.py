"""NAS-Bench-201, all of it, held against its published table."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, permutations, product
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import pytest

from nas.space import load_space
from nas.tabular.nasbench201_cells import spelling

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


# What a node computes: the terms of a sum, sums in sums being part of it and zeros no terms. A term is `input`, or a
# layer with what it reads: (operation, number, value). Layers with weights have a number, the others have none.
Value = tuple[tuple[object, ...], ...]


def output_of(ops: Sequence[str], numbers: Mapping[int, int]) -> Value:
    """What a cell computes, if its edges have these numbers."""
    nodes: list[Value] = [(("input",),)]
    for node in (1, 2, 3):
        terms: list[tuple[object, ...]] = []
        for place, ((source, target), op) in enumerate(zip(EDGES, ops, strict=True)):
            if target != node or op == "none":
                continue
            value = nodes[source]
            if op == "skip_connect":
                terms += value
            elif op.startswith("nor_conv"):
                terms.append((op if value else "batch norm of zeros", numbers.get(place), value))
            elif value:
                terms.append((op, None, value))
        nodes.append(tuple(sorted(terms, key=repr)))
    return nodes[-1]


def layers_in(value: Value) -> Iterator[tuple[int, str]]:
    """The numbers of all layers with weights that a value is made of, and their operations."""
    for term in value:
        if len(term) > 1:
            if term[1] is not None:
                yield cast(int, term[1]), str(term[0])
            yield from layers_in(cast(Value, term[2]))


def live(ops: Sequence[str]) -> dict[int, str]:
    """The edges with weights that the output of a cell depends on, and their operations."""
    return dict(layers_in(output_of(ops, {place: place for place in range(len(EDGES))})))


def function_of(ops: Sequence[str]) -> str:
    """What a cell computes, equal for cells that are equal under a bijection of their layers: the least spelling.

    A bijection takes a layer to one of the same operation, so layers are numbered operation by operation.
    """
    alike: dict[str, list[int]] = {}
    for edge, op in sorted(live(ops).items(), key=lambda item: item[1]):
        alike.setdefault(op, []).append(edge)
    orders = (chain(*parts) for parts in product(*map(permutations, alike.values())))
    return min(repr(output_of(ops, dict(zip(order, range(6), strict=False)))) for order in orders)


@pytest.mark.slow
def test_as_many_ids_as_functions(members: dict[tuple[str, ...], Member]) -> None:
    assert len(members) == 5**6
    pairs = {(function_of(member.ops), member.id) for member in members.values()}
    assert len(pairs) == len({function for function, _ in pairs}) == len({id for _, id in pairs}) == 5485


def live_params(ops: Sequence[str]) -> int:
    """Parameters, as many as in one channel, of the layers that the output depends on."""
    return sum({"nor_conv_1x1": 3, "nor_conv_3x3": 11}.get(op, 2) for op in live(ops).values())


@pytest.mark.slow
def test_networks_with_one_id_have_equal_live_parameters(members: dict[tuple[str, ...], Member]) -> None:
    by_id: dict[str, set[int]] = {}
    by_spelling: dict[str, set[int]] = {}
    for member in members.values():
        by_id.setdefault(member.id, set()).add(live_params(member.ops))
        by_spelling.setdefault(spelling(member.ops), set()).add(live_params(member.ops))
    assert all(len(found) == 1 for found in by_id.values())
    assert sum(len(found) > 1 for found in by_spelling.values()) > 400  # the rule of the paper merges others


def test_one_convolution_used_twice_is_not_two() -> None:
    space = load_space(SPACE)
    names = [f"normal.{source}-{node}" for source, node in EDGES]
    conv, skip, none = "nor_conv_3x3", "skip_connect", "none"
    two, one = (none, conv, none, conv, none, conv), (conv, none, skip, none, skip, conv)
    assert spelling(two) == spelling(one)
    large, small = (space.rebuild(dict(zip(names, ops, strict=True))) for ops in (two, one))
    assert (large.params, small.params) == (802_426, 559_386)
    assert large.id != small.id


@pytest.mark.slow
def test_there_are_as_many_spellings_as_published(members: dict[tuple[str, ...], Member]) -> None:
    assert len({spelling(member.ops) for member in members.values()}) == 6466


@pytest.mark.slow
def test_every_row_of_the_table(members: dict[tuple[str, ...], Member], tables: Path) -> None:
    table = dict(np.load(tables / "nasbench201" / "nasbench201.npz"))
    assert table["op_names"].tolist() == LABELS
    assert list(map(tuple, table["edges"].tolist())) == EDGES
    rows = [members[tuple(LABELS[op] for op in ops)] for ops in table["ops"].tolist()]
    assert [row.params for row in rows] == table["params"].tolist()
    assert [row.macs + 10 for row in rows] == table["macs"].tolist()  # there the biases of the last layer are counted
    # Equal spellings just where the table says that cells are equal.
    pairs = {(spelling(row.ops), isomorph) for row, isomorph in zip(rows, table["isomorph_id"].tolist(), strict=True)}
    assert len(pairs) == len({text for text, _ in pairs}) == len({isomorph for _, isomorph in pairs}) == 6466
