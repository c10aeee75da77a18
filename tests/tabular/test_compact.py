"""The compact form: what is written is read, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.errors import IntegrityError, UsageError
from nas.space import Space
from nas.tabular import load_table, write_table
from nas.tabular.compact import read_table
from nas.tabular.lookup import Tabular
from nas.tabular.table import Table

Make = Callable[..., Table]


def assert_equal(a: Table, b: Table) -> None:
    assert (a.name, a.epochs, a.curves, a.source) == (b.name, b.epochs, b.curves, b.source)
    assert a.space.fingerprint == b.space.fingerprint
    assert a.space.name == b.space.name
    assert list(a.members) == list(b.members)
    assert list(a.rows) == list(b.rows)
    for one, other in ((a.val_acc, b.val_acc), (a.test_acc, b.test_acc), (a.seconds, b.seconds)):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert np.array_equal(one, other, equal_nan=True)
    for group, same in ((a.extra, b.extra), (a.hidden, b.hidden)):
        assert group.keys() == same.keys()
        assert all(np.array_equal(group[name], same[name], equal_nan=True) for name in group)


def full(make: Make) -> Table:
    val_acc = make().val_acc.copy()
    val_acc[2, 1] = np.nan
    return make(
        val_acc=val_acc,
        test_acc=np.full((4, 1, 3), 0.5, dtype=np.float32),
        seconds=np.arange(24, dtype=np.float32).reshape(4, 2, 3),
        extra={"latency_ms": np.array([1, 2, np.nan, 4], dtype=np.float32)},
        hidden={"test_acc_200": np.ones(4, dtype=np.float32)},
        source="made by hand",
    )


def test_there_and_back(make: Make, tmp_path: Path, space: Space) -> None:
    table = full(make)
    path = write_table(table, tmp_path / "t.npz")
    found = load_table(path)
    assert_equal(table, found)
    for arch in space:
        assert Tabular(found)(arch, seed=3) == Tabular(table)(arch, seed=3)
    data = path.read_bytes()
    write_table(found, path)
    assert path.read_bytes() == data, "the same table is the same bytes"


def test_a_part_of_a_space(make: Make, tmp_path: Path, space: Space) -> None:
    table = make()
    members = table.members.take([1, 2])
    part = make(members=members, val_acc=table.val_acc[[1, 2]], space=space.keep(members))
    found = read_table(write_table(part, tmp_path / "t.npz"))
    assert_equal(part, found)
    assert found.space.size == 2


def test_every_published_table(tmp_path: Path, tables: Path) -> None:
    for name in ("nasbench101-cifar10", "naap440-cifar10", "metaqnn-svhn", "nasbench201-imagenet16-120-12"):
        table = load_table(name)
        assert_equal(table, load_table(name, path=write_table(table, tmp_path / f"{name}.npz")))


def changed(path: Path, **changes: Any) -> Path:
    with np.load(path) as loaded:
        arrays: dict[str, Any] = {name: loaded[name] for name in loaded.files}
    for name, value in changes.items():
        if value is None:
            del arrays[name]
        else:
            arrays[name] = value
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": np.array(2)}, "the table has version 2, but this Archwright reads version 1"),
        ({"version": None}, "it has no version"),
        ({"val_acc": None}, "the array 'val_acc' is missing"),
        ({"key": np.array("name")}, "rows are identified by 'name'; expected choices or nasbench101"),
        ({"val_acc": np.zeros((4, 2, 3), dtype=int)}, "'val_acc' has type int64, expected floating"),
        ({"val_acc": np.zeros((3, 2, 3))}, "val_acc has shape"),
        ({"codes": np.full((4, 2), 9)}, "has code 9"),
        ({"codes": np.zeros((4, 2))}, "'codes' has type float64, expected integer"),
        ({"codes": np.zeros((4, 2), dtype=int)}, "rows 0 and 1 are the same architecture"),
        ({"space": np.array("{")}, "is damaged, or not a table of Archwright"),
        ({"space": np.array("[]")}, "is damaged, or not a table of Archwright"),
        ({"choices": np.array('{"act": 3}')}, "is damaged, or not a table of Archwright"),
        ({"epochs": np.array([1, 2])}, "expected"),
    ],
)
def test_other_files(make: Make, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = changed(write_table(full(make), tmp_path / "t.npz"), **changes)
    with pytest.raises(IntegrityError, match=message) as caught:
        read_table(path)
    assert str(path) in str(caught.value)


def test_what_cannot_be_written(make: Make, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"must end in \.npz"):
        write_table(make(), tmp_path / "t.csv")
    table = make(key=lambda arch: arch.id, keys=["a", "b", "c", "d"])
    with pytest.raises(UsageError, match="identified by a custom function, which cannot be stored"):
        write_table(table, tmp_path / "t.npz")
