"""NAAP-440 (Hakim 2022): 440 networks on CIFAR-10, with the accuracy after each of 90 epochs of one training.

There is no validation set: the recorded accuracy, which is `val_acc` here, is that on the test set. The paper ranks
networks by their best epoch (at most 0.7504), whereas `truth` is the accuracy after the last epoch.

* The published `naap440v2.csv`, with `generated_schemes.json` in the same folder, which describes the networks; or
  `naap440.npz` in the folder of published tables.
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
        UsageError: the results are not available.
        StorageError, IntegrityError: the file cannot be read, or has unexpected content.
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
                raise UsageError(f"ModelId is {numbers.min()} to {numbers.max()}, but {beside} has 1 to {len(listed)}")
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
    """The decisions of a network, given kernel, width, stride and residual (0 or 1) of each layer."""
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
