"""NAAP-440 (Hakim 2022): 440 networks on CIFAR-10, accuracy after each of 90 epochs, one training each.

There is no validation set: what is recorded, and what `val_acc` is here, is accuracy on the test set. The paper ranks
by the best epoch (0.7504 at the most), `truth` is the last one.

* `naap440v2.csv` as published, with `generated_schemes.json` in the same folder, which says what the networks are; or
  `naap440.npz` of the folder of published tables.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nas.arguments import checked
from nas.errors import UsageError
from nas.space import Value
from nas.tabular.members import Choices, members_of
from nas.tabular.reading import existing, published, read_arrays, read_csv, read_json, reading
from nas.tabular.spaces import shipped_space
from nas.tabular.table import Table

EPOCHS = 90
ALL = 440
NAME = "naap440-cifar10"
FIELDS = ("kernel_size", "width", "stride", "residual")


@checked
def naap440(*, path: Path | None = None) -> Table:
    """NAAP-440 from `path`, the published .csv or its .npz, or from the folder of published tables.

    Raises:
        UsageError: the results are nowhere.
        StorageError, IntegrityError: the file cannot be read, or is not what it should be.
    """
    file = existing(path) if path is not None else published("naap440", "naap440.npz")
    if file is None:
        raise UsageError(
            f"table {NAME}: give path: naap440v2.csv, or let ARCHWRIGHT_TABLES name a folder that has "
            "naap440/naap440.npz"
        )
    if file.suffix == ".npz":
        arrays = read_arrays(file, ("layers", "layer_fields", "n_layers", "test_acc"))
        with reading(file, "archive of NAAP-440"):
            if tuple(arrays["layer_fields"].tolist()) != FIELDS:
                raise UsageError(f"layers have {arrays['layer_fields'].tolist()}, expected {list(FIELDS)}")
            depths = arrays["n_layers"].tolist()
            schemes = [rows[:depth] for rows, depth in zip(arrays["layers"].tolist(), depths, strict=True)]
            curves = arrays["test_acc"].astype(np.float32)
    else:
        columns = ("ModelId", *(f"e{epoch}Accuracy" for epoch in range(1, EPOCHS + 1)))
        header, rows = read_csv(file, columns)
        beside = existing(file.with_name("generated_schemes.json"))
        content = read_json(beside)
        with reading(beside, "file of schemes of NAAP-440"):
            listed = [[[int(layer[name]) for name in FIELDS] for layer in scheme] for scheme in content]
        with reading(file, "table of NAAP-440"):
            places = [header.index(name) for name in columns]
            values = np.array([[float(row[place]) for place in places] for row in rows])
            numbers = values[:, 0].astype(int)
            if numbers.min() < 1 or numbers.max() > len(listed):
                raise UsageError(f"ModelId is {numbers.min()} to {numbers.max()}, and {beside} has {len(listed)}")
            schemes, curves = [listed[number - 1] for number in numbers], values[:, 1:].astype(np.float32)
    with reading(file, "table of NAAP-440"):
        space, members = shipped_space("naap440"), members_of([decisions(scheme) for scheme in schemes])
        return Table(
            name=NAME,
            space=space if len(members) == ALL else space.keep(members),
            members=members,
            epochs=tuple(range(1, EPOCHS + 1)),
            val_acc=curves[:, None, :],
            source=f"{file.name}; NAAP-440, Hakim 2022; accuracies are those of the test set",
        )


def decisions(scheme: Sequence[Sequence[int]]) -> Choices:
    """The decisions that make a network of kernel, width, stride and whether it is residual, for each layer."""
    if len(scheme) not in (3, 4):
        raise UsageError(f"a network of {len(scheme)} layers, expected 3 or 4")
    found: list[tuple[str, Value]] = [("first.block.width", scheme[0][1]), ("second.block.width", scheme[1][1])]
    for place, (kernel, width, stride, residual) in zip(("third", "fourth.layer"), scheme[2:], strict=False):
        if place != "third":
            found.append(("fourth", "layer"))
        kind = "strided" if stride == 2 else "residual" if residual else "plain"
        found += [(f"{place}.layer.width", width), (f"{place}.layer.kernel", kernel), (f"{place}.layer", kind)]
    if len(scheme) == 3:
        found.append(("fourth", "none"))
    return tuple(found)
