"""The files of NATS-Bench (Dong et al. 2021), topology space, and of NAS-Bench-201 (Dong & Yang 2020).

* The folder `NATS-tss-v1_0-3ffb9-simple`: `meta.pickle.pbz2` and one pickle per architecture, `000000.pickle.pbz2`.
* The same in one file, `NATS-tss-v1_0-3ffb9.pickle.pbz2`, which needs tens of gigabytes of memory.
* `NAS-Bench-201-v1_1-096897.pth`: torch's format, read with `weights_only=True`, which runs no code; also large.
* `nats_bench_samples.json.gz`: the records of a few architectures as JSON.

The pickles contain dicts, numbers and strings, and name at most OrderedDict and NumPy scalars. An architecture has a
record for each schedule (`12` and `200`, or `less` and `full` in the .pth), with one entry per data set and seed.
Validation accuracy on CIFAR-10 is that of networks trained on half of its training set (`cifar10-valid`), test accuracy
that of networks trained on the whole training set.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.errors import IntegrityError, UsageError
from nas.pickles.stand_ins import DICTS, NUMPY
from nas.pickles.unpickle import PickleError, load_pickle
from nas.tabular.reading import check_runs, fractions, read_json, reading, unpacked
from nas.tabular.table import Floats

SCHEDULE_KEYS: Mapping[int, tuple[str, ...]] = {12: ("12", "less"), 200: ("200", "full")}
PBZ2 = ".pickle.pbz2"
LARGEST = 1 << 34
"""Maximal size of the pickle with all records, in bytes."""


class Records(NamedTuple):
    """The runs of all architectures of a file; arrays as in `Table`."""

    architectures: list[str]
    epochs: tuple[int, ...]
    val_acc: Floats
    seconds: Floats | None
    test_acc: Floats | None
    latency: Floats | None


class _Run(NamedTuple):
    """One training: accuracies in percent by set and epoch (from 1), and the seconds of each epoch."""

    dataset: str
    accuracies: Mapping[str, Mapping[int, float]]
    seconds: list[float]
    latency: list[float]


def read_nats(path: Path, dataset: str, schedule: int) -> Records:
    """The runs on `dataset` (`cifar10`, `cifar100`, `ImageNet16-120`) for `schedule` epochs.

    Raises:
        UsageError, StorageError, IntegrityError: the file is of another kind, cannot be read, or is damaged.
    """
    if path.is_dir():
        found = _folder(path, schedule)
    elif path.name.endswith((".json", ".json.gz")):
        found = _samples(path, schedule)
    elif path.suffix == ".pth":
        found = _whole(path, _torch(path), schedule)
    elif path.name.endswith(PBZ2):
        content = load_pickle(unpacked(path, most=LARGEST), str(path), admit=(*DICTS, *NUMPY), max_bytes=LARGEST)
        found = _whole(path, content, schedule)
    else:
        raise UsageError(f"{path}: expected a file or folder of NATS-Bench, as listed in docs/tables.md")
    with reading(path, "file of NATS-Bench"):
        return _collect(found, dataset, schedule)


def _collect(found: Iterable[tuple[str, list[_Run]]], dataset: str, schedule: int) -> Records:
    trained = "cifar10-valid" if dataset == "cifar10" else dataset
    test_set = "ori-test" if dataset == "cifar10" else "x-test"
    architectures, vals, tests, seconds, latencies = [], [], [], [], []
    for arch, runs in found:
        searched = [run for run in runs if run.dataset == trained and "x-valid" in run.accuracies]
        if not searched:
            raise UsageError(f"{arch} has no validation accuracy on {dataset} after {schedule} epochs")
        architectures.append(arch)
        vals.append([_curve(run.accuracies["x-valid"], schedule) for run in searched])
        tests.append(
            [
                _curve(run.accuracies[test_set], schedule)
                for run in runs
                if run.dataset == dataset and test_set in run.accuracies
            ]
        )
        seconds.append([np.cumsum(run.seconds) if run.seconds else np.full(schedule, np.nan) for run in searched])
        measured = [value for run in searched for value in run.latency]
        latencies.append(1000 * sum(measured) / len(measured) if measured else np.nan)
    if not architectures:
        raise UsageError(f"there are no architectures with results after {schedule} epochs")
    val_acc = _padded(vals, schedule)
    recorded = ~np.isnan(val_acc)
    at = np.flatnonzero((recorded | ~recorded.any(axis=2, keepdims=True)).all(axis=(0, 1)))
    if not len(at) or at[-1] != schedule - 1:
        raise UsageError(f"the accuracy after {schedule} epochs is missing in some run")
    times, test_acc, latency = _padded(seconds, schedule), _padded(tests, schedule), np.array(latencies, dtype="f4")
    return Records(
        architectures,
        tuple(map(int, at + 1)),
        fractions(val_acc[:, :, at]),
        None if np.isnan(times).all() else times[:, :, at].astype(np.float32),
        None if np.isnan(test_acc).all() else fractions(test_acc[:, :, at]),
        None if np.isnan(latency).all() else latency,
    )


def _curve(values: Mapping[int, float], schedule: int) -> NDArray[np.float64]:
    curve = np.full(schedule, np.nan)
    for epoch, value in values.items():
        curve[epoch - 1] = value
    return curve


def _padded(rows: list[list[NDArray[np.float64]]], schedule: int) -> NDArray[np.float64]:
    check_runs(runs := max(1, *map(len, rows)))
    padded = np.full((len(rows), runs, schedule), np.nan)
    for place, row in enumerate(rows):
        for number, run in enumerate(row):
            padded[place, number] = run
    return padded


def _folder(path: Path, schedule: int) -> Iterator[tuple[str, list[_Run]]]:
    files = sorted(file for file in path.glob(f"*{PBZ2}") if file.name.removesuffix(PBZ2).isdigit())
    if not files:
        raise IntegrityError(f"{path} has no files such as 000000{PBZ2}")
    for file in files:
        with reading(file, "record of NATS-Bench"):
            content = load_pickle(unpacked(file), str(file), admit=(*DICTS, *NUMPY))
            yield _architecture(content, schedule)


def _whole(path: Path, content: Any, schedule: int) -> Iterator[tuple[str, list[_Run]]]:
    with reading(path, "file of NATS-Bench"):
        for index in sorted(content["arch2infos"]):
            yield _architecture(content["arch2infos"][index], schedule)


def _torch(path: Path) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (PickleError, RuntimeError, EOFError) as error:
        raise IntegrityError(f"{path}: torch cannot read it without running code: {error}") from error


def _architecture(content: Any, schedule: int) -> tuple[str, list[_Run]]:
    key = next((key for key in SCHEDULE_KEYS[schedule] if key in content), None)
    if key is None:
        raise UsageError(f"there is no schedule of {schedule} epochs, but {', '.join(map(str, content))}")
    record = content[key]
    runs = []
    for (dataset, _), result in record["all_results"].items():
        accuracies: dict[str, dict[int, float]] = {}
        for name, value in result["eval_acc1es"].items():
            subset, _, epoch = name.partition("@")
            accuracies.setdefault(subset, {})[int(epoch) + 1] = float(value)
        times = result.get("train_times") or {}
        seconds = [float(times[epoch]) for epoch in range(schedule)] if times else []
        latency = [float(value) for value in result.get("latency") or ()]
        runs.append(_Run(dataset, accuracies, seconds, latency))
    return record["arch_str"], runs


def _samples(path: Path, schedule: int) -> Iterator[tuple[str, list[_Run]]]:
    content = read_json(path)
    with reading(path, "file of NATS-Bench samples"):
        found: dict[str, list[_Run]] = {}
        for entry in content["topology"]:
            if entry["schedule_epochs"] != schedule:
                continue
            accuracies = {
                name: {epoch + 1: value for epoch, value in zip(one["epochs"], one["acc"], strict=True)}
                for name, one in entry["eval_acc"].items()
            }
            each = entry["train_time_s_per_epoch"]
            seconds = list(map(float, each)) if isinstance(each, list) else [float(each)] * schedule
            found.setdefault(entry["arch"], []).append(
                _Run(entry["dataset"], accuracies, seconds, list(entry["latency_s"]))
            )
        yield from found.items()
