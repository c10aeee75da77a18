"""Learning curves of networks sampled by MetaQNN (Baker, Gupta, Raskar & Naik 2018): 1,000 on CIFAR-10, 1,300 on SVHN.

Each network was trained once; the validation accuracy is recorded after each of 20 epochs. MetaQNN's space has 10²⁰
members, so the space of a table is restricted to its rows (`Space.keep`).

* `metaqnn_cifar10.csv.gz` and `metaqnn_svhn.csv.gz` in the folder of published tables, or the published .csv files.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np

from nas.arguments import checked
from nas.errors import UsageError
from nas.space import Value
from nas.tabular.members import Choices, members_of
from nas.tabular.reading import existing, published, read_csv, reading
from nas.tabular.spaces import shipped_space
from nas.tabular.table import Table

EPOCHS = 20
DATA_SETS = ("cifar10", "svhn")
STEPS = {"C": "conv", "P": "pool", "FC": "fc", "GAP": "gap", "SM": "softmax"}

Token = tuple[str, tuple[int, ...]]
_TOKEN = re.compile(r"([A-Z]+)\(([\d,]+)\)")
_NET = re.compile(r"\[(?:[A-Z]+\([\d,]+\)(?:, )?)+\]")


@checked
def metaqnn(dataset: str, *, path: Path | None = None) -> Table:
    """MetaQNN's networks on `dataset` (`cifar10`, `svhn`) from `path`, a .csv, or from the folder of published tables.

    Raises:
        UsageError: the results are not available.
        StorageError, IntegrityError: the file cannot be read, or has unexpected content.
    """
    if dataset not in DATA_SETS:
        raise UsageError(f"MetaQNN has tables for {' and '.join(DATA_SETS)}, not {dataset}")
    name = _name(dataset)
    file = existing(path) if path is not None else published("metaqnn", f"metaqnn_{dataset}.csv.gz")
    if file is None:
        raise UsageError(
            f"table {name}: give path: the published .csv, or let ARCHWRIGHT_TABLES name a folder that has "
            f"metaqnn/metaqnn_{dataset}.csv.gz"
        )
    columns = ("net", "training_dataset", *(f"acc_{epoch}" for epoch in range(1, EPOCHS + 1)))
    header, rows = read_csv(file, columns)
    with reading(file, "table of MetaQNN"):
        places = [header.index(column) for column in columns]
        others = {row[places[1]] for row in rows} - {dataset}
        if others:
            raise UsageError(f"the networks were trained on {', '.join(sorted(others))}, expected {dataset}")
        curves = np.array([[float(row[place]) for place in places[2:]] for row in rows], dtype=np.float32)
        members = members_of([decisions(read_net(row[places[0]])) for row in rows])
        return Table(
            name=name,
            space=shipped_space(f"metaqnn_{dataset}").keep(members),
            members=members,
            epochs=tuple(range(1, EPOCHS + 1)),
            val_acc=curves[:, None, :],
            source=f"{file.name}; Baker, Gupta, Raskar & Naik 2018",
        )


def read_net(text: str) -> list[Token]:
    """`[C(64,3,1), SM(10)]` as [("C", (64, 3, 1)), ("SM", (10,))]. Raises UsageError."""
    if not _NET.fullmatch(text):
        raise UsageError(f"{text!r} is not a network of MetaQNN")
    return [(kind, tuple(map(int, numbers.split(",")))) for kind, numbers in _TOKEN.findall(text)]


def decisions(net: Sequence[Token]) -> Choices:
    """The decisions of a network in the order of the walk; its dropout layers follow from the others."""
    found: list[tuple[str, Value]] = []
    previous = ""
    for number, (kind, numbers) in enumerate(token for token in net if token[0] != "D"):
        if kind not in STEPS:
            raise UsageError(f"a layer is {kind}, expected {', '.join(STEPS)} or D")
        step = "fc2" if previous == kind == "FC" else STEPS[kind]
        path = f"net.{number}.{step}"
        found.append((f"net.{number}", step))
        if kind == "C":
            label = f"k{numbers[1]}"
            found += [(f"{path}.kernel", label), (f"{path}.kernel.{label}.conv.width", numbers[0])]
        elif kind == "P":
            found.append((f"{path}.window", f"k{numbers[0]}"))
        elif kind == "FC":
            found.append((f"{path}.{1 if step == 'fc' else 0}.linear.units", numbers[0]))  # `fc` begins with flatten
        previous = kind
    return tuple(found)


def _name(dataset: str) -> str:
    return f"metaqnn-{dataset}"


METAQNN_TABLES: Mapping[str, Callable[..., Table]] = MappingProxyType(
    {_name(dataset): partial(metaqnn, dataset) for dataset in DATA_SETS}
)
"""The tables by name, each a function of `path`."""
