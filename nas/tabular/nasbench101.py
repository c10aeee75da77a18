"""NAS-Bench-101 (Ying et al. 2019): 423,624 cells on CIFAR-10, each trained three times for 4, 12, 36 and 108 epochs.

Each budget is a separate training with its own learning rate schedule, so there are no curves. (The files also contain
the results halfway through each training, which are not read.) Isomorphic cells share a row: rows are identified by the
module hash of the paper, which takes about 0.2 ms per architecture.

* `nasbench_full.tfrecord` or `nasbench_only108.tfrecord`: read without TensorFlow within some minutes; convert it once.
* The same records as JSON: a list, or one record per line, of `[hash, epochs, adjacency, operations, metrics]`.
* `nasbench101_subset.npz` in the folder that ARCHWRIGHT_TABLES names: 30,001 cells, a uniform sample of 7 %, with one
  run each, without test accuracies, and with times for 108 epochs only.
"""

import base64
import hashlib
import json
from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.errors import UsageError
from nas.space import Architecture
from nas.tabular.members import NOT_REACHED, Choices, Members
from nas.tabular.reading import check_runs, existing, published, read_arrays, read_json, reading, unpacked
from nas.tabular.spaces import shipped_space
from nas.tabular.table import Table
from nas.tabular.tfrecord import read_metrics, read_records

OPS = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")
CODES = {"input": -1, "output": -2, **{op: code for code, op in enumerate(OPS)}}
"""The labels of vertices in module hashes."""

MOST = 7
"""Maximal number of vertices of a cell."""

MOST_BUDGETS = 16
"""Maximal number of budgets; there are 4."""

ALL = 423_624
"""The number of non-isomorphic cells."""

NAME = "nasbench101-cifar10"
SOURCE = "NAS-Bench-101, Ying et al. 2019"
ARRAYS = ("module_hash", "n_vertices", "adjacency_triu", "ops", "op_names", "epochs", "val_acc", "train_time_108_s")


def module_hash(arch: Architecture) -> Hashable:
    """The module hash of an architecture's cell, 16 bytes; None if its space has other decisions."""
    return _hash_of(arch.choices)


@lru_cache(maxsize=1 << 16)
def _hash_of(choices: Choices) -> bytes | None:
    decided = dict(choices)
    inner = decided.get("module.nodes")
    if not isinstance(inner, int):
        return None
    end = inner + 1
    names = [*map(str, range(end)), "out"]
    edges = [[j > i and decided.get(f"module.{i}-{names[j]}") is True for j in range(end + 1)] for i in range(end + 1)]
    labels = ["input", *(str(decided.get(f"module.{i}")) for i in range(1, end)), "output"]
    return bytes.fromhex(graph_hash(edges, [CODES.get(label, label) for label in labels]))


def graph_hash(edges: Sequence[Sequence[bool]], labels: Sequence[object]) -> str:
    """The hash of a labelled directed graph by Ying et al. (2019, NAS-Bench-101, §2.3): equal for isomorphic graphs.

    The hash of each vertex starts from its out-degree, in-degree and label, and is refined by the hashes of its
    neighbours, once for each vertex of the graph (Weisfeiler-Lehman). With the labels -1 (input), 0 (conv3x3-bn-relu),
    1 (conv1x1-bn-relu), 2 (maxpool3x3) and -2 (output), this is the module hash of the published table.

    Args:
        edges: the adjacency matrix; `edges[i][j]` is the edge from vertex i to vertex j.
        labels: one for each vertex; compared by `str(label)`.

    Returns:
        32 hexadecimal digits (MD5).
    """
    vertices = range(len(labels))
    before = [[i for i in vertices if edges[i][j]] for j in vertices]
    after = [[j for j in vertices if edges[i][j]] for i in vertices]
    hashes = [_md5(str((len(after[v]), len(before[v]), labels[v]))) for v in vertices]
    for _ in vertices:
        hashes = [
            _md5("|".join(["".join(sorted(hashes[w] for w in near[v])) for near in (before, after)] + [hashes[v]]))
            for v in vertices
        ]
    return _md5(str(sorted(hashes)))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@checked
def nasbench101(*, path: Path | None = None) -> Table:
    """NAS-Bench-101 from `path`, a .tfrecord, .json or .npz file, or from the folder of published tables.

    Raises:
        UsageError: the results are not available.
        StorageError, IntegrityError: the file cannot be read, or has unexpected content.
    """
    file = existing(path) if path is not None else published("nasbench101", "nasbench101_subset.npz")
    if file is None:
        raise UsageError(
            f"table {NAME}: give path: nasbench_full.tfrecord or nasbench_only108.tfrecord, or let ARCHWRIGHT_TABLES "
            "name a folder that has nasbench101/nasbench101_subset.npz"
        )
    if file.suffix == ".npz":
        return _read_subset(file)
    records = _tfrecords(file) if file.suffix == ".tfrecord" else _json_records(file)
    return _collect(file, records)


def _names() -> tuple[str, ...]:
    """The decisions in the order of the walk: number of inner nodes, inputs of the output, the last node, and so on."""
    names = ["module.nodes", *(f"module.{i}-out" for i in range(MOST - 1))]
    for i in reversed(range(MOST - 1)):
        names += [f"module.{i}-{j}" for j in range(i + 1, MOST - 1)] + ([f"module.{i}"] if i else [])
    return tuple(names)


NAMES = _names()
OPTIONS = tuple(
    tuple(range(MOST - 1)) if name == "module.nodes" else (False, True) if "-" in name else OPS for name in NAMES
)
_PLACE = {name: place for place, name in enumerate(NAMES)}


def _member(matrix: NDArray[np.bool_], labels: list[str]) -> NDArray[np.int16]:
    """The codes of a cell."""
    end = len(labels) - 1
    if not 1 <= end < MOST or matrix.shape != (end + 1, end + 1) or np.tril(matrix).any():
        raise UsageError(f"the adjacency matrix {matrix.shape} and {len(labels)} vertices do not form a cell")
    if labels[0] != "input" or labels[-1] != "output" or not set(labels[1:-1]) <= set(OPS):
        raise UsageError(f"a cell with the operations {', '.join(labels)}")
    codes = np.full(len(NAMES), NOT_REACHED, dtype=np.int16)
    codes[0] = end - 1
    for i in range(end):
        for j in range(i + 1, end + 1):
            codes[_PLACE[f"module.{i}-{j if j < end else 'out'}"]] = matrix[i, j]
    for i in range(1, end):
        codes[_PLACE[f"module.{i}"]] = OPS.index(labels[i])
    return codes


def _table(
    path: Path,
    codes: NDArray[np.int16],
    keys: list[bytes],
    epochs: tuple[int, ...],
    val_acc: NDArray[np.float32],
    test_acc: NDArray[np.float32] | None,
    seconds: NDArray[np.float32],
) -> Table:
    with reading(path, "table of NAS-Bench-101"):
        space, members = shipped_space("nasbench101"), Members(NAMES, OPTIONS, codes)
        return Table(
            name=NAME,
            space=space if len(members) == ALL else space.keep(members),
            members=members,
            epochs=epochs,
            val_acc=val_acc,
            test_acc=test_acc,
            seconds=seconds,
            curves=False,
            source=f"{path.name}; {SOURCE}",
            key=module_hash,
            keys=keys,
        )


def _read_subset(path: Path) -> Table:
    arrays = read_arrays(path, ARRAYS)
    with reading(path, "archive of NAS-Bench-101"):
        names = arrays["op_names"].tolist()
        rows = len(arrays["ops"])
        matrices = np.zeros((rows, MOST, MOST), dtype=bool)
        matrices[:, *np.triu_indices(MOST, 1)] = arrays["adjacency_triu"]
        codes = np.full((rows, len(NAMES)), NOT_REACHED, dtype=np.int16)
        ends = arrays["n_vertices"].astype(int) - 1
        if ends.min() < 1 or ends.max() >= MOST:
            raise UsageError(f"cells of {ends.min() + 1} to {ends.max() + 1} vertices, expected 2 to {MOST}")
        labels = np.array([CODES.get(name, NOT_REACHED) for name in names] + [NOT_REACHED] * (256 - len(names)))
        ops = labels[arrays["ops"]]
        codes[:, 0] = ends - 1
        for end in range(1, MOST):  # all cells of one size at once
            at = ends == end
            for i in range(end):
                for j in range(i + 1, end + 1):
                    codes[at, _PLACE[f"module.{i}-{j if j < end else 'out'}"]] = matrices[at, i, j]
            for i in range(1, end):
                codes[at, _PLACE[f"module.{i}"]] = ops[at, i]
        epochs = tuple(map(int, arrays["epochs"]))
        seconds = np.full((rows, 1, len(epochs)), np.nan, dtype=np.float32)
        seconds[:, 0, -1] = arrays["train_time_108_s"]
        keys = [row.tobytes() for row in arrays["module_hash"]]
        val_acc = arrays["val_acc"].astype(np.float32)[:, None, :]
    return _table(path, codes, keys, epochs, val_acc, None, seconds)


Record = tuple[str, int, str, str, str]
"""Module hash, epochs, adjacency as digits, operations, and metrics in base 64."""


def _tfrecords(path: Path) -> Iterator[Record]:
    for data in read_records(path):
        yield json.loads(data)


def _json_records(path: Path) -> Iterator[Record]:
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        yield from map(json.loads, unpacked(path).splitlines())
    else:
        yield from read_json(path)


def _collect(path: Path, records: Iterable[Record]) -> Table:
    """The table of records in any order."""
    place: dict[bytes, int] = {}
    codes: list[NDArray[np.int16]] = []
    columns: dict[int, tuple[array[int], array[float]]] = {}
    with reading(path, "file of NAS-Bench-101"):
        for record in records:
            name, epochs, adjacency, operations, metrics = record
            key = bytes.fromhex(name)
            row = place.setdefault(key, len(place))
            if row == len(codes):
                side = round(len(adjacency) ** 0.5)
                matrix = np.array([digit == "1" for digit in adjacency]).reshape(side, side)
                codes.append(_member(matrix, operations.split(",")))
            evaluations, _ = read_metrics(base64.b64decode(metrics, validate=True))
            if len(evaluations) < 3:
                raise UsageError(f"{name} has {len(evaluations)} evaluations, expected 3: start, middle and end")
            rows, values = columns.setdefault(int(epochs), (array("q"), array("d")))
            rows.append(row)
            last = evaluations[2]
            values.extend((last.val_acc, last.test_acc, last.seconds))
        if not columns:
            raise UsageError("there are no records")
        budgets = tuple(sorted(columns))
        if len(budgets) > MOST_BUDGETS:
            raise UsageError(f"there are {len(budgets):,} budgets, expected at most {MOST_BUDGETS}")
        found = [
            _runs(np.array(rows), np.array(values).reshape(-1, 3), len(codes))
            for _, (rows, values) in sorted(columns.items())
        ]
        runs = max(one.shape[1] for one in found)
        full = np.full((len(codes), runs, len(budgets), 3), np.nan)
        for number, one in enumerate(found):
            full[:, : one.shape[1], number] = one
        short = np.argwhere(np.isnan(full[..., 0]))
        if len(short):
            row, run, number = map(int, short[0])
            key = list(place)[row]
            raise UsageError(f"{key.hex()} lacks run {run} of {runs} at {budgets[number]} epochs")
        val_acc, test_acc, seconds = (full[..., k].astype(np.float32) for k in range(3))
    return _table(path, np.array(codes), list(place), budgets, val_acc, test_acc, seconds)


def _runs(rows: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """(count, runs, 3): the values of each row, in the order of the records."""
    order = np.argsort(rows, kind="stable")
    rows, values = rows[order], values[order]
    starts = np.searchsorted(rows, np.arange(count))
    number = np.arange(len(rows)) - starts[rows]
    check_runs(runs := int(number.max()) + 1)
    padded = np.full((count, runs, 3), np.nan)
    padded[rows, number] = values
    return padded
