"""NAS-Bench-101: the 30,001 networks of a published table, and how many cells there are, counted independently."""

import os
from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.space import Space, Value, load_space
from nas.tabular.nasbench101 import graph_hash

SPACE = Path(__file__).parents[2] / "search_spaces" / "nasbench101.yaml"
CODES = {"conv3x3-bn-relu": 0, "conv1x1-bn-relu": 1, "maxpool3x3": 2, "input": -1, "output": -2}
MOST_VERTICES, MOST_EDGES = 7, 9
EVERY = 1 if os.environ.get("ARCHWRIGHT_ALL") else 10
"""Of so many rows one is looked at."""


@cache
def nasbench101() -> Space:
    return load_space(SPACE)


def decisions(matrix: Sequence[Sequence[bool]], labels: Sequence[str]) -> dict[str, Value]:
    """Those that make a cell."""
    end = len(labels) - 1
    found: dict[str, Value] = {"module.nodes": end - 1}
    for i in range(end):
        found.update({f"module.{i}-{j if j < end else 'out'}": matrix[i][j] for j in range(i + 1, end + 1)})
    return found | {f"module.{i}": labels[i] for i in range(1, end)}


@pytest.mark.slow
def test_rows_of_the_table(tables: Path) -> None:
    table = dict(np.load(tables / "nasbench101" / "nasbench101_subset.npz"))
    names = table["op_names"].tolist()
    matrices = np.zeros((len(table["ops"]), MOST_VERTICES, MOST_VERTICES), dtype=bool)
    matrices[:, *np.triu_indices(MOST_VERTICES, 1)] = table["adjacency_triu"]
    columns = table["n_vertices"], table["ops"], table["params"], table["module_hash"], matrices
    for count, ops, params, module_hash, padded in zip(*(column[::EVERY] for column in columns), strict=True):
        matrix = padded[:count, :count].tolist()
        labels = [names[op] for op in ops[:count]]
        arch = nasbench101().rebuild(decisions(matrix, labels))
        assert arch.params == params
        dag = arch.cells["module"].dag
        assert dag.edges == tuple(map(tuple, matrix))
        assert graph_hash(dag.edges, [CODES[label] for label in dag.labels]) == module_hash.tobytes().hex()


# Cells counted by arrays. `edges[i, j]` holds the edge from i to j of many cells.

Edges = NDArray[np.uint64]


@cache
def cells_of(vertices: int) -> Edges:
    """The adjacency matrices, (vertices, vertices, cells), in which each vertex is on a path from input to output."""
    pairs = list(zip(*np.triu_indices(vertices, 1), strict=True))
    masks = np.arange(2 ** len(pairs), dtype=np.uint32)
    edges = np.zeros((vertices, vertices, len(masks)), dtype=np.uint8)
    for place, (i, j) in enumerate(pairs):
        edges[i, j] = masks >> place & 1
    edges = edges[:, :, edges.sum(axis=(0, 1)) <= MOST_EDGES]
    on_path = edges[:, 1:].any(axis=0).all(axis=0) & edges[:-1].any(axis=1).all(axis=0)
    return edges[:, :, on_path].astype(np.uint64)


def labels_of(vertices: int) -> NDArray[np.int64]:
    """All labels of the vertices, (labellings, vertices)."""
    inner = list(product((0, 1, 2), repeat=vertices - 2))
    return np.array([(-1, *labels, -2) for labels in inner])


def mixed(values: NDArray[np.uint64], salt: int) -> NDArray[np.uint64]:
    """64 bits that look random, by multiplication and shift."""
    values = (values + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ values >> np.uint64(32)) * np.uint64(0xBF58476D1CE4E5B9)
    return values ^ values >> np.uint64(29)


def classes_of(edges: Edges, labels: NDArray[np.int64]) -> NDArray[np.uint64]:
    """64 bits for each cell and labelling, by the rule of `graph_hash` with sums in the place of sorted texts."""
    vertices = range(len(edges))
    degrees = 16 * edges.sum(axis=1) + edges.sum(axis=0)
    hashes = [mixed(mixed(degrees[v], 1)[:, None] + (labels[:, v] + 3).astype(np.uint64), 2) for v in vertices]
    for _ in vertices:
        before, after = [mixed(one, 3) for one in hashes], [mixed(one, 4) for one in hashes]
        sums = [mixed(one, 5) for one in hashes]
        for i in vertices:
            for j in vertices[i + 1 :]:
                sums[i] += edges[i, j, :, None] * after[j]
                sums[j] += edges[i, j, :, None] * before[i]
        hashes = [mixed(one, 6) for one in sums]
    found: NDArray[np.uint64] = np.sum([mixed(one, 7) for one in hashes], axis=0)
    return found


def test_there_are_as_many_members_as_labelled_cells() -> None:
    count = sum(cells_of(n).shape[-1] * len(labels_of(n)) for n in range(2, MOST_VERTICES + 1))
    assert nasbench101().size == count == 1_293_208


@pytest.mark.slow
def test_there_are_as_many_different_cells_as_published() -> None:
    sizes = range(2, MOST_VERTICES + 1)
    found = [classes_of(cells_of(n), labels_of(n)) for n in sizes]
    assert len(np.unique(np.concatenate([classes.ravel() for classes in found]))) == 423_624

    # In a sample, classes are the same as hashes: all members of every 2000th class. They are the same as ids where the
    # nodes that share the output's channels have equally many; elsewhere the first have more, so that a class may be
    # several networks.
    names = {code: label for label, code in CODES.items()}
    hashed: set[tuple[int, str]] = set()
    even: set[tuple[int, str]] = set()
    uneven: set[tuple[int, str]] = set()
    members = 0
    for n, classes in zip(sizes, found, strict=True):
        edges, labels = cells_of(n).astype(bool), labels_of(n)
        for cell, labelling in np.argwhere(np.isin(classes, np.unique(classes)[::2000])):
            matrix, codes = edges[:, :, cell].tolist(), labels[labelling].tolist()
            arch = nasbench101().rebuild(decisions(matrix, [names[code] for code in codes]))
            hashed.add((classes[cell, labelling], graph_hash(matrix, codes)))
            sharing = sum(row[-1] for row in matrix[1:-1])
            (even if sharing in (0, 1, 2, 4) else uneven).add((classes[cell, labelling], arch.id))
            members += 1
    for pairs in (hashed, even):
        assert [len(set(one)) for one in zip(*pairs, strict=True)] == [len(pairs)] * 2
    assert len({id for _, id in uneven}) == len(uneven) > len({cell for cell, _ in uneven})
    assert members > 2 * len(hashed)
