"""Files of tables as data sets."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from nas.data import load_data
from nas.data.preparation.tables import Tables
from nas.errors import UsageError


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    lines = ["id,area,town,sold,price"]
    for place in range(60):
        area = "" if place == 7 else f"{random.uniform(30, 200):.1f}"
        lines.append(f"{place},{area},{'abc'[place % 3]},2024-{place % 12 + 1:02}-05,{random.uniform(1, 9):.2f}")
    path = tmp_path / "houses.csv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def test_a_table_is_read_unaided(houses: Path) -> None:
    data = load_data("auto", path=houses)
    assert data.test is not None
    assert (data.name, data.task.name, data.outputs) == ("houses", "regression", ("price",))
    assert (len(data.train), len(data.val), len(data.test)) == (38, 10, 12)
    assert data.input.categories == (4,)
    assert data.notes[:3] == (
        "houses.csv.gz is read as `table`, because its name ends in .csv.gz",
        "The target is the last column, 'price'; `target:` names another",
        "The target 'price' has numbers, 58 different ones, so the task is regression; `task:` names another",
    )
    assert data.notes[3].startswith("The inputs are 1 number (area), 1 category (town), 1 date (sold); ")
    assert data.notes[4] == "1 column is left out, with the numbers of the rows: id"
    assert data.notes[5].startswith("1 value is missing, in area: ")


def test_a_table_with_settings(houses: Path) -> None:
    data = load_data(
        "auto", path=houses, target="town", time="sold", test_share=0.25, val_share=0.3, classes=["c", "b", "a"]
    )
    assert (data.task.name, data.outputs, data.shape) == ("classification", ("c", "b", "a"), (2,))
    assert data.test is not None
    assert len(data.test) == 15
    data = load_data("table", path=houses, ignore=("sold",), kinds={"town": "category"}, max_categories=2)
    assert data.input.categories == (3,)


def test_folds_are_prepared_anew(houses: Path) -> None:
    data = load_data("table", path=houses)
    assert data.pool.refits
    assert isinstance(data.preparation, Tables)
    rows = np.arange(10, 30)
    inputs = data.pool.inputs(rows)
    assert inputs.shape == data.pool.samples.inputs.shape
    areas = np.concatenate([data.raws[part].column("area") for part in ("train", "val")])  # type: ignore[union-attr]  # it is a table
    assert inputs[np.isnan(areas), 0] == np.float32(np.nanmedian(areas[rows]))


def test_bad_tables(houses: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"houses\.csv\.gz has no column 'prize'; did you mean 'price'\?"):
        load_data("auto", path=houses, target="prize")
    path = tmp_path / "bad.csv"
    path.write_text("a,b\n1,x\n2\n3,y\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"bad\.csv, line 3: expected 2 cells, got 1"):
        load_data("auto", path=path)
    with pytest.raises(UsageError, match="there is no such file"):
        load_data("table", path=tmp_path / "none.csv")
