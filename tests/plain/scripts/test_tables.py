"""Rows of tables are read and coded as Archwright does it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data import load_data
from nas.data.intake import Intake
from tests.plain.executed import check_alike, check_refused, script_of

ROWS = 24


def trained(folder: Path, **settings: Any) -> Intake:
    """The intake of a table with numbers, currencies, dates, texts and codes, with gaps."""
    rng = np.random.default_rng(0)
    lines = ["size;price;sold;code;colour;kind"]
    for place in range(ROWS):
        size = "NA" if place % 7 == 0 else f"{rng.normal():.3f}".replace(".", ",")
        sold = "" if place == 5 else f"20{10 + place % 9}-0{1 + place % 3}-11 0{place % 9}:30"
        colour = ("red", "green", '"a; ""quoted"" one"', "")[place % 4]
        lines.append(f"{size};€ {place + 1}.{place + 100},5;{sold};{place % 3};{colour};{'xyz'[place % 3]}")
    (folder / "rows.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    kinds = {"code": "category"}
    return load_data("table", path=folder / "rows.csv", target="kind", kinds=kinds, val_share=0.2, **settings).intake


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Intake:
    return trained(tmp_path_factory.mktemp("tables"))


HARD = """sep=;
extra;colour;sold;code;price;size\r
;red;2024-02-29T23:59:59.5+14:00;1;€ 12;-1,5e3\r
"a
b";"a; ""quoted"" one";1969-12-31;2.0; -€1.234,5 ;NA\r

x; green ;;007;N/A;0,25\r
x;violet;9999-12-31 00:00Z;nan;€0,5;?\r
"""


@pytest.mark.parametrize("scaling", ["standard", "quantile"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_hard_tables(scaling: str, encoding: str, intake: Intake, tmp_path: Path) -> None:
    """Other orders and columns, missing values, quotes, decimal commas, currencies, unknown categories, any dates."""
    one = intake if scaling == "standard" else trained(tmp_path, scaling=scaling)
    (tmp_path / "new.csv").write_bytes(HARD.encode(encoding))
    found = check_alike(one, tmp_path / "new.csv")
    assert len(found) == 4
    categories = found[:, -2:].tolist()
    assert categories[3] == [0, 0]
    assert all(code for row in categories[:2] for code in row)


def test_rows_in_memory(intake: Intake, tmp_path: Path) -> None:
    """They may have numbers and points in time in place of texts."""
    rows: list[Mapping[str, Any]] = [
        {"size": -1.5, "price": 1234.5, "sold": datetime(2020, 1, 2, 3, 4), "code": 1.0, "colour": "red", "more": 1},
        {"size": None, "price": float("nan"), "sold": None, "code": 2, "colour": None},
    ]
    (tmp_path / "new.csv").write_text(
        "size;price;sold;code;colour\n-1,5;€1.234,5;2020-01-02 03:04;1;red\n;;;2;\n", encoding="utf-8"
    )
    script, record = script_of(intake), intake.to_dict()
    found = script.prepared(script.take(rows, record), record)
    assert np.array_equal(found, check_alike(intake, tmp_path / "new.csv"))
    with pytest.raises(script.UsageError, match="inputs lacks the column 'colour', which the network reads"):
        script.take([{name: 1 for name in rows[0] if name != "colour"}], record)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["size;price;sold;code", "1;1;;1"], "lacks the column 'colour'"),
        (["size;price;sold;code;colour", "1;€1;;1;red", "big;€1;;1;red"], "line 3: column 'size': expected a number"),
        (["size;price;sold;code;colour", "1;€1;31.12.2020;1;red"], "line 2: column 'sold': expected a date"),
        (["size;price;sold;code;colour", "1;€1;2021-02-31;1;red"], "line 2: column 'sold': expected a date"),
        (["size;price;sold;code;colour", "1;$1;;1;red"], "line 2: column 'price': expected a number, got '$1'"),
        (["size;price;sold;code;colour", "1e99;€1;;1;red"], "line 2, expected a finite number of float32"),
        (["size;price;sold;code;colour", "1;€1;;1"], "expected 5 cells, got 4"),
        (["size;price;sold;code;size", "1;€1;;1;1"], "two columns have the same name"),
        (["size;price;sold;code;colour", '1;€1;;1;"red'], "a quoted cell is not closed"),
    ],
)
def test_others_are_refused(lines: list[str], why: str, intake: Intake, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("\n".join(lines), encoding="utf-8")
    assert why in check_refused(intake, tmp_path / "new.csv")
