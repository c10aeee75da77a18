"""NAS-Bench-Macro: the archive, and the published JSON written from it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.errors import IntegrityError, UsageError
from nas.tabular import load_table
from nas.tabular.lookup import Tabular
from nas.testing import check_evaluator

NAME = "nasbench_macro-cifar10"


def row(accuracies: list[Any]) -> dict[str, Any]:
    return {"test_acc": accuracies, "mean_acc": 0.0, "std": 0.0, "params": 1, "flops": 1}


def test_the_archive_and_the_published_json(tables: Path, tmp_path: Path) -> None:
    table = load_table(NAME)
    assert len(table) == table.space.size == 6561
    best = "".join(str(table.members.options[0].index(value)) for _, value in table.members.choices(table.best))
    assert best in ("22212220", "22212202"), "figure 8 of the paper; they are the same network"
    assert 100 * table.optimum == pytest.approx(93.1267, abs=1e-4)
    assert 100 * table.truths.mean() == pytest.approx(90.25, abs=0.01)
    arch = table.architecture(table.best)
    check_evaluator(Tabular(table), arch, epochs=50)
    found = Tabular(table)(arch, seed=0)
    assert found["params"] == pytest.approx(1.99e6, rel=0.01)
    assert found["macs"] == pytest.approx(85.2e6, rel=0.01)
    archive = dict(np.load(tables / "nasbench_macro" / "nasbench_macro_cifar10.npz"))
    path = tmp_path / "nas-bench-macro_cifar10.json"
    keys = ["".join(map(str, ops)) for ops in archive["ops"].tolist()]
    path.write_text(json.dumps(dict(zip(keys, map(row, archive["test_acc"].tolist()), strict=True))))
    published = load_table(path)
    assert published.name == NAME
    assert np.array_equal(published.val_acc, table.val_acc)
    assert list(published.members) == list(table.members)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "expected a mapping from 8 digits"),
        ({"0000000": row([1.0])}, "expected a mapping from 8 digits"),
        ({"00000003": row([1.0])}, "has code 3"),
        ({"00000000": {}}, "KeyError: 'test_acc'"),
        ({"00000000": row([float("nan")] * 3)}, "val_acc is NaN in every run"),
        ({"00000000": row([1.0]), "00000001": row([1.0, 2.0])}, "is damaged, or not a file of NAS-Bench-Macro"),
    ],
)
def test_other_files(tmp_path: Path, value: Any, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(value))
    with pytest.raises(IntegrityError, match=message):
        load_table(NAME, path=path)


def test_a_part(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"00000000": row([50.0, 60.0, 70.0]), "22222222": row([90.0, 90.0, 90.0])}))
    table = load_table(path)
    assert table.space.size == 2
    assert table.truths.tolist() == pytest.approx([0.6, 0.9])
    table.check_members()


@pytest.mark.usefixtures("nowhere")
def test_results_that_are_nowhere() -> None:
    with pytest.raises(UsageError, match=r"give path: nas-bench-macro_cifar10\.json"):
        load_table(NAME)
