"""NAS-Bench-101: records written in the published format, and the subset of real ones."""

import base64
import hashlib
import json
import struct
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.errors import IntegrityError, UsageError
from nas.space import Value
from nas.tabular import load_table
from nas.tabular.lookup import Tabular
from nas.tabular.nasbench101 import ALL, CODES, graph_hash, module_hash
from nas.tabular.spaces import shipped_space
from nas.tabular.tfrecord import masked_crcs
from nas.testing import check_evaluator

NAME = "nasbench101-cifar10"
# Adjacency and operations of two cells: the Inception-like one of the published README, and a single convolution.
LARGE = (
    "0111010" + "0000001" + "0000001" + "0000100" + "0000001" + "0000001" + "0000000",
    "input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output",
)
SMALL = ("010001000", "input,conv3x3-bn-relu,output")


def hash_of(adjacency: str, operations: str) -> str:
    side = round(len(adjacency) ** 0.5)
    matrix = [[adjacency[i * side + j] == "1" for j in range(side)] for i in range(side)]
    return graph_hash(matrix, [CODES[label] for label in operations.split(",")])


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80]) + varint(number >> 7)


def metrics(moments: Sequence[Sequence[float]], params: int = 1000) -> str:
    out = b""
    for moment in moments:
        inner = b"".join(varint(k << 3 | 1) + struct.pack("<d", value) for k, value in enumerate(moment, 1))
        out += b"\x0a" + varint(len(inner)) + inner
    return base64.b64encode(out + b"\x10" + varint(params)).decode()


def record(cell: tuple[str, str], epochs: int, acc: float) -> list[Any]:
    moments = [(0, 0, 0.1, 0.1, 0.1), (epochs / 2, 50.0, 0.5, 0.5, 0.5), (epochs, 10.0 * epochs, 1.0, acc, acc - 0.01)]
    return [hash_of(*cell), epochs, *cell, metrics(moments)]


def framed(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    checks = masked_crcs([head, data]).tolist()
    return head + struct.pack("<I", checks[0]) + data + struct.pack("<I", checks[1])


def written(path: Path, records: list[list[Any]]) -> Path:
    path.write_bytes(b"".join(framed(json.dumps(one).encode()) for one in records))
    return path


def all_records() -> list[list[Any]]:
    return [
        record(cell, epochs, 0.5 + 0.01 * run + 0.1 * (epochs == 108) + 0.05 * (cell is LARGE))
        for run in range(3)
        for cell in (LARGE, SMALL)
        for epochs in (4, 108)
    ]


@pytest.mark.parametrize("form", ["tfrecord", "json", "jsonl"])
def test_records(tmp_path: Path, form: str) -> None:
    records = all_records()
    path = tmp_path / f"nasbench_full.{form}"
    if form == "tfrecord":
        written(path, records)
    else:
        path.write_text(json.dumps(records) if form == "json" else "\n".join(map(json.dumps, records)))
    table = load_table(NAME, path=path)
    assert table.epochs == (4, 108)
    assert table.val_acc.shape == (2, 3, 2)
    assert not table.curves
    for cell, acc in ((LARGE, 0.66), (SMALL, 0.61)):
        arch = table.architecture(table.rows[bytes.fromhex(hash_of(*cell))])
        assert table.truth(arch) == pytest.approx(acc)
        assert table.test(arch) == pytest.approx(acc - 0.01)
        found = Tabular(table)(arch, epochs=4, seed=1)
        assert found["seconds"] == 40.0
        assert list(found) == ["val_acc", "seconds", "params", "macs"], "budgets are trainings of their own: no curve"
        check_evaluator(Tabular(table), arch, epochs=108)
    assert table.space.size == 2
    table.check_members()


def test_isomorphic_cells_are_one_row(tmp_path: Path) -> None:
    table = load_table(NAME, path=written(tmp_path / "x.tfrecord", all_records()))
    space = shipped_space("nasbench101")
    small: dict[str, Value] = {"module.nodes": 1, "module.0-out": False, "module.1-out": True, "module.0-1": True}
    assert table.row(space.rebuild({**small, "module.1": "conv3x3-bn-relu"})) == 1
    with pytest.raises(UsageError, match="lacks"):
        table.row(space.rebuild({**small, "module.1": "maxpool3x3"}))
    # Two branches in either order.
    codes = {"module.1": "conv1x1-bn-relu", "module.2": "maxpool3x3"}
    read = {"0-1": True, "0-2": True, "1-2": False, "0-out": False, "1-out": True, "2-out": True}
    edges: dict[str, Value] = {"module.nodes": 2, **{f"module.{edge}": there for edge, there in read.items()}}
    one = space.rebuild({**edges, **codes})
    other = space.rebuild({**edges, "module.1": "maxpool3x3", "module.2": "conv1x1-bn-relu"})
    assert one.choices != other.choices
    assert module_hash(one) == module_hash(other)


def test_architectures_of_other_spaces() -> None:
    edges = (f"normal.{i}-{j}" for j in range(1, 4) for i in range(j))
    assert module_hash(shipped_space("nasbench201").rebuild(dict.fromkeys(edges, "none"))) is None


def change(place: int, value: Any) -> list[list[Any]]:
    records = all_records()
    records[0][place] = value
    return records


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "there are no records"),
        (all_records()[:-1], "lacks run 2 of 3 at 108 epochs"),
        (change(0, "xyz"), "is damaged, or not a file of NAS-Bench-101"),
        (change(2, "0111"), "the adjacency matrix"),
        (change(3, "input,conv5x5-bn-relu,maxpool3x3,conv3x3-bn-relu,a,b,output"), "a cell with the operations"),
        (change(4, "!!!"), "is damaged, or not a file of NAS-Bench-101"),
        (change(4, metrics([(0, 0, 0, 0, 0)])), "has 1 evaluations, expected 3"),
        (change(4, metrics([(0, 0, 0, 0, 0)] * 2 + [(108, 1, 1, 91.0, 1)])), "val_acc is 91"),
        ([["a", 1]], "is damaged, or not a file of NAS-Bench-101"),
    ],
)
def test_other_records(tmp_path: Path, records: list[list[Any]], message: str) -> None:
    with pytest.raises(IntegrityError, match=message) as caught:
        load_table(NAME, path=written(tmp_path / "x.tfrecord", records))
    assert "x.tfrecord" in str(caught.value)


def test_the_subset(tables: Path) -> None:
    table = load_table(NAME)
    assert len(table) == 30_001
    assert table.epochs == (4, 12, 36, 108)
    assert table.best == 15_646
    assert table.optimum == pytest.approx(0.9491, abs=5e-5)
    assert table.seconds is not None
    assert np.nanmean(table.seconds) == pytest.approx(1925, abs=1)
    assert table.tests is None
    archive = dict(np.load(tables / "nasbench101" / "nasbench101_subset.npz"))
    for row in range(0, 30_001, 300):
        arch = table.architecture(row)
        assert arch.choices == table.members.choices(row)
        assert table.row(arch) == row
        found = Tabular(table)(arch, epochs=36, seed=0)
        assert found["params"] == archive["params"][row]
        assert found["val_acc"] == archive["val_acc"][row, 2]
        assert "seconds" not in found, "they are recorded for 108 epochs"
    assert len(table) < ALL


@pytest.mark.slow
def test_searches_stay_in_the_subset(tables: Path) -> None:
    table = load_table(NAME)
    assert table.space.size == 30_001
    rng = np.random.default_rng(0)
    arch = table.space.sample(rng)
    for _ in range(20):
        arch = table.space.mutate(arch, rng)
        assert arch in table


@pytest.mark.usefixtures("nowhere")
def test_results_that_are_nowhere() -> None:
    with pytest.raises(UsageError, match=r"give path: nasbench_full\.tfrecord"):
        load_table(NAME)


Matrix = tuple[tuple[bool, ...], ...]


def _matrices(count: int) -> Iterator[Matrix]:
    """Every graph on these vertices whose edges lead from lower to higher numbers."""
    pairs = list(combinations(range(count), 2))
    for chosen in product((False, True), repeat=len(pairs)):
        edges = dict(zip(pairs, chosen, strict=True))
        yield tuple(tuple(edges.get((i, j), False) for j in range(count)) for i in range(count))


def _canonical(edges: Matrix, labels: Sequence[object]) -> str:
    """The least spelling over all orders of the vertices, labels and all."""
    orders = permutations(range(len(labels)))
    return min(str(([labels[v] for v in order], [[edges[i][j] for j in order] for i in order])) for order in orders)


@pytest.mark.parametrize(("vertices", "labels"), [(2, "ab"), (3, "ab"), (4, "ab"), (4, "a")])
def test_hashes_tell_graphs_apart_as_isomorphism_does(vertices: int, labels: str) -> None:
    graphs = [(edges, given) for edges in _matrices(vertices) for given in product(labels, repeat=vertices)]
    pairs = {(_canonical(*graph), graph_hash(*graph)) for graph in graphs}
    classes, hashes = ({pair[side] for pair in pairs} for side in range(2))
    assert len(pairs) == len(classes) == len(hashes)


def test_a_hash_is_that_of_the_published_code() -> None:
    # The algorithm of google-research/nasbench, lib/graph_util.py, written out for the graph 0 → 1 → 2, 0 → 2.
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    a, b, c = md5("(2, 0, -1)"), md5("(1, 1, 0)"), md5("(0, 2, -2)")
    for _ in range(3):
        a, b, c = (
            md5("|" + "".join(sorted([b, c])) + "|" + a),
            md5(a + "|" + c + "|" + b),
            md5("".join(sorted([a, b])) + "||" + c),
        )
    edges = (False, True, True), (False, False, True), (False, False, False)
    assert graph_hash(edges, [-1, 0, -2]) == md5(str(sorted([a, b, c])))


def test_a_hash_depends_on_labels_and_directions() -> None:
    line = (False, True, False), (False, False, True), (False, False, False)
    turned = (False, False, False), (True, False, False), (False, True, False)
    assert graph_hash(line, "abc") == graph_hash(turned, "cba") != graph_hash(turned, "abc")
    assert graph_hash(line, ["a", "b", 1]) != graph_hash(line, ["a", "b", "1"])
    assert len(graph_hash(line, "abc")) == 32
