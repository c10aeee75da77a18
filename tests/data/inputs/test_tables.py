"""Rows of tables without targets."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data import load_data
from nas.data.intake import Intake, intake_of
from nas.errors import UsageError
from tests.data.inputs.collected import collected


def _intake(folder: Path, text: str, **options: Any) -> Intake:
    (folder / "train.csv").write_text(text, encoding="utf-8")
    return load_data("table", path=folder / "train.csv", val_share=0.2, test_share=None, **options).intake


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    rows = [f"{place / 4};2024-01-{1 + place:02};{'red' if place % 2 else 'blue'};{place % 3}" for place in range(12)]
    text = "\n".join(["size;day;colour;y", *(row.replace(".", ",") for row in rows)])
    return _intake(tmp_path, text, delimiter=";", decimal=",", missing=["", "none"])


def _prepared(intake: Intake, path: Path, text: str, *, skip: bool = False) -> tuple[Any, Any]:
    path.write_text(text, encoding="utf-8")
    found = collected(intake, path, "skip" if skip else "stop")
    return found, intake.preparation(found.raw)


def test_columns_are_found_by_name(intake: Intake, tmp_path: Path) -> None:
    """Other columns, and their order, do not matter; the dialect is that of the training."""
    found, inputs = _prepared(intake, tmp_path / "a.csv", "colour;more;day;size\n red;x;2024-01-03;1,5\nblue;;none;\n")
    assert found.names == ["line 2", "line 3"]
    assert found.notes == ()
    wanted = intake.preparation(
        collected(
            intake,
            {
                "size": [1.5, None],
                "day": np.array(["2024-01-03", "NaT"], "datetime64[D]"),
                "colour": ["red", "blue"],
                "y": [0, 0],
            },
        ).raw
    )
    assert np.array_equal(inputs, wanted)
    with pytest.raises(UsageError, match=r"b\.csv lacks the columns 'size', 'day', which the network reads; it has co"):
        _prepared(intake, tmp_path / "b.csv", "colour\nred\n")
    with pytest.raises(UsageError, match="inputs lacks the column 'day'"):
        collected(intake, {"size": [1], "colour": ["red"]})


def test_unknown_categories_are_counted(intake: Intake, tmp_path: Path) -> None:
    text = "size;day;colour\n" + "".join(f"1;2024-01-03;{colour}\n" for colour in ("teal", "none", "red", "teal", "7"))
    found, inputs = _prepared(intake, tmp_path / "a.csv", text)
    assert found.notes == ("column 'colour' has 3 values that the network does not know: 'teal', '7'",)
    assert (inputs[:, -1] > 0).tolist() == [False, False, True, False, False]


def test_cells_of_another_kind(intake: Intake, tmp_path: Path) -> None:
    text = "size;day;colour\n1;2024-01-03;red\nbig;2024-01-03;red\n2;soon;red\n"
    with pytest.raises(UsageError, match=rf"^{tmp_path}/a\.csv, line 3: column 'size': expected a number, got 'big'"):
        _prepared(intake, tmp_path / "a.csv", text)
    found, inputs = _prepared(intake, tmp_path / "a.csv", text, skip=True)
    assert found.names == ["line 2"]
    assert len(inputs) == 1
    assert found.notes[0].startswith("2 of 3 samples cannot be read and are left out")
    assert "line 4: column 'day': expected a date, got 'soon'" in found.notes[0]
    with pytest.raises(UsageError, match=r"a\.csv has no samples"):
        _prepared(intake, tmp_path / "a.csv", "size;day;colour\n")


@pytest.mark.parametrize(
    ("trained", "later"),
    [
        (("007", "12", "A"), ("007", "12")),  # texts of which only numbers are left
        (("1", "2", "3"), ("1", "2", "x")),  # numbers among which is a text
        (("1.50", "2.5", "3"), ("1.5", "2.50")),
        (("2024-01-01", "2024-01-02", "2024-01-03"), ("2024-01-01", "x", "2024-01-03")),
    ],
)
def test_codes_are_those_of_the_training(trained: tuple[str, ...], later: tuple[str, ...], tmp_path: Path) -> None:
    """Whatever else is in the column of a later file."""
    text = "code,y\n" + "".join(f"{code},{place % 2}\n" for place, code in enumerate(trained * 4))
    intake = _intake(tmp_path, text, kinds={"code": "category"})
    found, inputs = _prepared(intake, tmp_path / "a.csv", "code\n" + "\n".join(later))
    assert inputs[:, 0].tolist() == [0 if code == "x" else inputs[place, 0] for place, code in enumerate(later)]
    assert (inputs[:, 0] > 0).tolist() == [code != "x" for code in later]
    assert len(found.notes) == later.count("x")


def test_parquet(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    intake = _intake(tmp_path, "x,c,y\n" + "1,a,0\n2,b,1\n" * 6)
    parquet.write_table(arrow.table({"c": ["b", "z"], "x": [1, 2], "more": [0, 0]}), tmp_path / "a.parquet")
    found = collected(intake, tmp_path / "a.parquet")
    assert found.names == ["row 1", "row 2"]
    assert intake.preparation(found.raw)[:, 0].tolist() == [1, 2]
    assert found.notes == ("column 'c' has 1 value that the network does not know: 'z'",)


def test_numbers_are_written_as_in_training(tmp_path: Path) -> None:
    rows = [f"{place % 5},5;{place % 3}" for place in range(12)]
    intake = _intake(tmp_path, "\n".join(["size;y", *rows]))
    record = intake_of(json.loads(json.dumps(intake.to_dict())))
    for one in (intake, record):
        _, inputs = _prepared(one, tmp_path / "a.csv", "size\n1.200\n2\n")
        assert inputs.tolist() == [[1200], [2]]
    with pytest.raises(UsageError, match=r"line 2: column 'size': expected a number, got '5%'$"):
        _prepared(intake, tmp_path / "a.csv", "size\n5%\n")
