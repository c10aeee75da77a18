"""Detection of the table in a file that is given without a name."""

import json
from collections.abc import Sequence
from pathlib import Path

from nas.document import read_document
from nas.errors import UsageError
from nas.tabular.compact import is_compact, read_table
from nas.tabular.declared import is_declaration, read_declared
from nas.tabular.metaqnn import METAQNN_TABLES
from nas.tabular.nasbench201 import DATA_SETS, NASBENCH201_TABLES
from nas.tabular.reading import read_arrays, read_csv, unpacked
from nas.tabular.table import Table

_HEAD = 65_536


def read_own(path: Path) -> Table | None:
    """The table in a file of Archwright's, compact or declared in YAML; None for other files."""
    if path.suffix in (".yaml", ".yml"):
        node = read_document(path)
        return read_declared(node, path) if is_declaration(node) else None
    if path.suffix == ".npz" and path.is_file():
        arrays = read_arrays(path)
        return read_table(path, arrays) if is_compact(arrays) else None
    return None


def names_in(path: Path) -> Sequence[str]:
    """The names of the tables that a published file contains. Raises UsageError for unknown files."""
    names = _names_in(path)
    if not names:
        raise UsageError(f"{path}: this is not a known table; docs/tables.md lists them")
    return names


def _names_in(path: Path) -> Sequence[str]:
    every = list(NASBENCH201_TABLES)
    name = path.name
    if path.is_dir() or name.endswith((".pickle.pbz2", ".pth")):
        return every
    if name.endswith(".tfrecord"):
        return ["nasbench101-cifar10"]
    if name.endswith(".npz"):
        arrays = read_arrays(path)
        for array, names in (
            (
                "val_acc_200_cifar10",
                [each for each in every if each == "nasbench201-cifar10-200" or each.endswith("-12")],
            ),
            ("adjacency_triu", ["nasbench101-cifar10"]),
            ("layer_fields", ["naap440-cifar10"]),
            ("flops", ["nasbench_macro-cifar10"]),
        ):
            if array in arrays:
                return names
    if name.endswith(".pkl"):
        return [f"nasbench201-{dataset}-200" for dataset, data in DATA_SETS.items() if path.stem == data.package]
    if name.endswith((".csv", ".csv.gz")):
        header, rows = read_csv(path)
        if {"net", "training_dataset"} <= set(header):
            found = {f"metaqnn-{row[header.index('training_dataset')]}" for row in rows}
            return [name for name in METAQNN_TABLES if name in found]
        return ["naap440-cifar10"] if {"ModelId", "e1Accuracy"} <= set(header) else []
    if name.endswith((".json", ".json.gz", ".jsonl", ".jsonl.gz")):
        head = unpacked(path)[:_HEAD].decode(errors="replace").lstrip()
        if head.startswith("["):
            return ["nasbench101-cifar10"]
        if head.startswith("{"):
            first = json.loads(head[1:].split(":")[0].strip() or '""') if '"' in head else ""
            return every if first in ("topology", "size") else ["nasbench_macro-cifar10"] if first.isdigit() else []
    return []
