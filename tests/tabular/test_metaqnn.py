"""MetaQNN's learning curves."""

from pathlib import Path

import numpy as np
import pytest

from nas.controllers import RegularizedEvolution
from nas.driver.search import search
from nas.errors import IntegrityError, UsageError
from nas.tabular import load_table
from nas.tabular.lookup import Tabular
from nas.tabular.metaqnn import decisions, metaqnn, read_net
from nas.testing import check_evaluator

HEADER = "net,training_dataset,num_params,depth,lr," + ",".join(f"acc_{k}" for k in range(1, 21))
NET = '"[C(64,3,1), P(2,2), SM(10)]"'
CURVE = ",".join(["0.5"] * 20)


@pytest.mark.parametrize(
    ("dataset", "rows", "best", "peak", "mean"),
    [("cifar10", 1000, 0.8416, 0.8432, 0.669), ("svhn", 1300, 0.9540, 0.9546, 0.897)],
)
def test_the_tables(dataset: str, rows: int, best: float, peak: float, mean: float, tables: Path) -> None:
    table = load_table(f"metaqnn-{dataset}")
    assert len(table) == rows
    assert table.optimum == pytest.approx(best, abs=5e-5)
    assert float(table.val_acc.max()) == pytest.approx(peak, abs=5e-5)
    assert table.truths.mean() == pytest.approx(mean, abs=5e-4)
    table.check_members()
    arch = table.architecture(table.best)
    assert arch.choices == table.members.choices(table.best)
    check_evaluator(Tabular(table), arch, epochs=5)
    assert load_table(tables / "metaqnn" / f"metaqnn_{dataset}.csv.gz").name == table.name


@pytest.mark.slow
def test_a_search_stays_in_the_table(tables: Path) -> None:
    table = load_table("metaqnn-cifar10")
    assert table.space.size == 1000
    controller = RegularizedEvolution(table.space)
    study = search(controller, Tabular(table), trials=40, seed=0)
    assert all(trial.score is not None for trial in study)
    assert max(trial.score or 0 for trial in study) > table.truths.mean()


def test_notation() -> None:
    assert read_net("[C(64,3,1), D(1,2), GAP(10), SM(10)]") == [
        ("C", (64, 3, 1)),
        ("D", (1, 2)),
        ("GAP", (10,)),
        ("SM", (10,)),
    ]
    for wrong in ("", "[]", "[C(64,3,1)", "[C(64;3;1)]", "[C(64,3,1), SM(10)] "):
        with pytest.raises(UsageError, match="is not a network of MetaQNN"):
            read_net(wrong)
    with pytest.raises(UsageError, match="a layer is X"):
        decisions([("X", (1,))])


def test_other_files(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for text, message in (
        (HEADER, "there are no rows"),
        (HEADER.replace("acc_7", "acc7"), "the column 'acc_7' is missing"),
        (f"{HEADER}\n{NET},svhn,1,2,0.1,{CURVE}", "the networks were trained on svhn, expected cifar10"),
        (f"{HEADER}\n{NET},cifar10,1,2,0.1,{CURVE[:-4]}", "line 2 has 24 values, expected 25"),
        (f"{HEADER}\n{NET},cifar10,1,2,0.1,{CURVE[:-3]}x", "could not convert string to float: 'x'"),
        (f"{HEADER}\n{NET},cifar10,1,2,0.1,{CURVE[:-3]}nan", "val_acc is NaN at some epochs"),
        (f"{HEADER}\nC(1),cifar10,1,2,0.1,{CURVE}", r"'C\(1\)' is not a network"),
        (f"{HEADER}\n" + f"{NET},cifar10,1,2,0.1,{CURVE}\n" * 2, "rows 0 and 1 are the same architecture"),
    ):
        path.write_text(text)
        with pytest.raises(IntegrityError, match=message):
            metaqnn("cifar10", path=path)
    path.write_text(f"{HEADER}\n{NET},cifar10,1,2,0.1,{CURVE}\n")
    assert np.all(metaqnn("cifar10", path=path).val_acc == 0.5)
    with pytest.raises(UsageError, match="not mnist"):
        metaqnn("mnist")


@pytest.mark.usefixtures("nowhere")
def test_results_that_are_nowhere() -> None:
    with pytest.raises(UsageError, match=r"give path: the published \.csv"):
        load_table("metaqnn-svhn")
