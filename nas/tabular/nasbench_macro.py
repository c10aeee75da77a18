"""NAS-Bench-Macro (Su et al. 2021): 6,561 networks with eight layers on CIFAR-10, each trained three times.

The benchmark has no validation accuracy: the recorded accuracy, which is `val_acc` here, is that on the test set in the
best of 50 epochs. There is therefore no `test_acc`, and the quality of an incumbent is its `val_acc`.

* The published `nas-bench-macro_cifar10.json`; or `nasbench_macro_cifar10.npz` in the folder of published tables.
"""

from pathlib import Path

import numpy as np

from nas.arguments import checked
from nas.errors import UsageError
from nas.tabular.members import Members
from nas.tabular.reading import existing, fractions, published, read_arrays, read_json, reading
from nas.tabular.spaces import shipped_space
from nas.tabular.table import Table

OPS = ("Identity", "MB3_K3", "MB6_K5")
LAYERS = 8
NAME = "nasbench_macro-cifar10"


@checked
def nasbench_macro(*, path: Path | None = None) -> Table:
    """NAS-Bench-Macro from `path`, the published .json or its .npz, or from the folder of published tables.

    Raises:
        UsageError: the results are not available.
        StorageError, IntegrityError: the file cannot be read, or has unexpected content.
    """
    file = existing(path) if path is not None else published("nasbench_macro", "nasbench_macro_cifar10.npz")
    if file is None:
        raise UsageError(
            f"table {NAME}: give path: nas-bench-macro_cifar10.json, or let ARCHWRIGHT_TABLES name a folder that has "
            "nasbench_macro/nasbench_macro_cifar10.npz"
        )
    space = shipped_space("nasbench_macro")
    archive = read_arrays(file, ("ops", "op_names", "test_acc")) if file.suffix == ".npz" else None
    content = read_json(file) if archive is None else None
    with reading(file, "file of NAS-Bench-Macro"):
        if archive is not None:
            if tuple(archive["op_names"].tolist()) != OPS:
                raise UsageError(f"the operations are {archive['op_names'].tolist()}, expected {list(OPS)}")
            codes, percent = archive["ops"].astype(np.int16), archive["test_acc"]
        else:
            if not isinstance(content, dict) or not all(len(key) == LAYERS and key.isdecimal() for key in content):
                raise UsageError(f"expected a mapping from {LAYERS} digits to results")
            codes = np.array([list(map(int, key)) for key in content], dtype=np.int16)
            percent = np.array([row["test_acc"] for row in content.values()])
        members = Members(tuple(space.universe), (OPS,) * LAYERS, codes)
        return Table(
            name=NAME,
            space=space if len(members) == len(OPS) ** LAYERS else space.keep(members),
            members=members,
            epochs=(50,),
            val_acc=fractions(percent)[:, :, None],
            source=f"{file.name}; NAS-Bench-Macro, Su et al. 2021; accuracies are those of the test set",
        )
