"""NAAP-440: the archive, and the published CSV and schemes written from it."""

import json
from pathlib import Path

import numpy as np
import pytest

from nas.errors import IntegrityError, UsageError
from nas.tabular import load_table
from nas.tabular.lookup import Tabular
from nas.tabular.naap440 import EPOCHS, FIELDS, decisions
from nas.testing import check_evaluator

NAME = "naap440-cifar10"
SCHEMES = [[[3, 12, 2, 0], [3, 16, 2, 0], [1, 16, 1, 0]], [[3, 12, 2, 0], [3, 16, 2, 0], [3, 24, 1, 0], [3, 40, 2, 0]]]


def published(folder: Path, schemes: list[list[list[int]]], curves: list[list[float]], skip: str = "") -> Path:
    """The files of the published repository."""
    (folder / "generated_schemes.json").write_text(
        json.dumps([[dict(zip(FIELDS, [*row[:3], bool(row[3])], strict=True)) for row in scheme] for scheme in schemes])
    )
    names = [f"e{epoch}{name}" for epoch in range(1, EPOCHS + 1) for name in ("LossMean", "LossMedian", "Accuracy")]
    header = ["ModelId", "IsTest", "MaxAccuracy", *names]
    lines = [",".join(name if name != skip else "other" for name in header)]
    for number, curve in enumerate(curves, 1):
        cells = [f"1.5,1.6,{value}" for value in curve]
        lines.append(",".join([str(number), "0", str(max(curve)), *cells]))
    path = folder / "naap440v2.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_archive_and_the_published_csv(tables: Path, tmp_path: Path) -> None:
    table = load_table(NAME)
    assert len(table) == table.space.size == 440
    assert float(table.val_acc.max()) == pytest.approx(0.7504)
    assert int(table.val_acc.max(axis=(1, 2)).argmax()) == 406
    assert float(table.val_acc.max(axis=(1, 2)).mean()) == pytest.approx(0.6525, abs=1e-4)
    table.check_members()
    archive = dict(np.load(tables / "naap440" / "naap440.npz"))
    for row in range(440):
        assert table.architecture(row).choices == table.members.choices(row)
        assert table.architecture(row).params == archive["params"][row]
    arch = table.architecture(406)
    check_evaluator(Tabular(table), arch, epochs=9)
    curve = Tabular(table)(arch, epochs=9, seed=0)["val_acc_curve"]
    assert curve == tuple(archive["test_acc"][406, :9].tolist())
    schemes = [rows[:depth] for rows, depth in zip(archive["layers"].tolist(), archive["n_layers"], strict=True)]
    path = published(tmp_path, schemes, [[round(value, 6) for value in row] for row in archive["test_acc"].tolist()])
    other = load_table(path)
    assert other.name == NAME
    assert np.array_equal(other.val_acc, table.val_acc)
    assert list(other.members) == list(table.members)


def test_a_part(tmp_path: Path) -> None:
    table = load_table(published(tmp_path, SCHEMES, [[0.5] * 90, [0.25] * 90]))
    assert table.space.size == 2
    table.check_members()
    assert dict(table.members.choices(1))["fourth.layer.layer"] == "strided"


def test_other_files(tmp_path: Path) -> None:
    curves = [[0.5] * 90, [0.25] * 90]
    path = published(tmp_path, SCHEMES, curves, skip="e7Accuracy")
    with pytest.raises(IntegrityError, match="the column 'e7Accuracy' is missing"):
        load_table(NAME, path=path)
    path = published(tmp_path, SCHEMES[:1], curves)
    with pytest.raises(IntegrityError, match=r"ModelId is 1 to 2, but .*generated_schemes\.json has 1 to 1"):
        load_table(path)
    path = published(tmp_path, [SCHEMES[0], SCHEMES[0]], curves)
    with pytest.raises(IntegrityError, match="rows 0 and 1 are the same architecture"):
        load_table(path)
    path = published(tmp_path, SCHEMES, [[0.5] * 90, [float("nan")] * 90])
    with pytest.raises(IntegrityError, match="row 1: val_acc is NaN in every run"):
        load_table(path)
    (tmp_path / "generated_schemes.json").unlink()
    with pytest.raises(UsageError, match=r"generated_schemes\.json: there is no such file"):
        load_table(path)
    with pytest.raises(UsageError, match="a network of 2 layers"):
        decisions(SCHEMES[0][:2])


@pytest.mark.usefixtures("nowhere")
def test_results_that_are_nowhere() -> None:
    with pytest.raises(UsageError, match=r"give path: naap440v2\.csv"):
        load_table(NAME)
