"""Columns of a table as a data set."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data import Dataset, from_table, load_data
from nas.data.columns import Columns
from nas.data.preparation.tables import TableInputs, Tables
from nas.data.roles import Roles
from nas.data.sources.columns import data_of_columns
from nas.data.split import Split
from nas.errors import UsageError

COUNT = 60
ARRAYS = {
    "a": np.arange(COUNT) % 7.0,
    "b": np.arange(COUNT)[::-1] % 5.0,
    "who": np.array([f"person {place // 6}" for place in range(COUNT)], object),
    "when": (np.arange(COUNT) * 37 % COUNT).astype("datetime64[D]").astype("datetime64[us]"),
    "low": np.arange(COUNT) / 7,
    "high": np.arange(COUNT) / 3,
    "kind": np.array([f"kind {place % 2}" for place in range(COUNT)], object),
}
TABLE = Columns(ARRAYS, "some.csv", np.arange(COUNT), "row")


def test_groups_and_times_divide_the_rows() -> None:
    data = data_of_columns("some", TABLE, Roles("kind", group="who", ignore=("when",)), split=Split(0.25, 0.2))
    assert data.groups is not None
    assert data.test is not None
    count = len(data.train)
    assert len(data.test) == 12
    assert not set(data.groups[:count]) & set(data.groups[count:])
    data = data_of_columns("some", TABLE.only(["low", "when", "kind"]), Roles("kind", time="when"))
    assert data.test is not None
    last = np.sort(np.argsort(ARRAYS["when"])[-12:])
    assert np.array_equal(np.sort(data.test.inputs[:, 0]), np.float32(ARRAYS["low"][last]))


def test_several_targets() -> None:
    data = data_of_columns("some", TABLE, Roles(["low", "high"], ignore=("who", "when", "kind")))
    assert (data.task.name, data.outputs, data.shape) == ("regression", ("low", "high"), (2,))
    marks = {**ARRAYS, "low": ARRAYS["a"] % 2, "high": ARRAYS["b"] % 2}
    table = Columns(marks, "some.csv", TABLE.rows)
    data = data_of_columns("some", table, Roles(["low", "high"], ignore=("who", "when", "kind")))
    assert (data.task.name, data.outputs) == ("multilabel", ("low", "high"))


def test_no_column_is_left() -> None:
    with pytest.raises(UsageError, match=r"some\.csv has no input; no column is left"):
        data_of_columns("some", TABLE.only(["kind"]))


def _parted(folder: Path, test: str, **settings: Any) -> Dataset:
    """A table whose last row is of the test part; `part` names it, or the row is in a file of its own."""
    rows = [f"{place % 5},{'xyz'[place % 3]},2024-01-0{1 + place % 9},1,{place / 7}" for place in range(20)]
    names = "size,word,day,same,y"
    if settings.pop("apart", False):
        (folder / "a.csv").write_text("\n".join([names, *rows]), encoding="utf-8")
        (folder / "b.csv").write_text(f"{names}\n{test}", encoding="utf-8")
        return load_data("table", path=folder / "a.csv", test=folder / "b.csv", **settings)
    lines = [f"part,{names}", *(f"train,{row}" for row in rows), f"test,{test}"]
    (folder / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    return load_data("table", path=folder / "a.csv", **settings)


USUAL = "1,x,2024-01-01,1,0.5"


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("test", ["1e9,new,1999-12-31,2,-7", "-3,new,2050-01-01T12:00,3,0"])
def test_a_test_row_changes_nothing_that_is_fitted(apart: bool, test: str, tmp_path: Path) -> None:
    usual, other = (_parted(tmp_path, row, apart=apart, scaling="quantile") for row in (USUAL, test))
    assert usual.preparation == other.preparation
    assert usual.task == other.task
    assert np.array_equal(usual.train.inputs, other.train.inputs)
    assert usual.test is not None
    assert other.test is not None
    assert not np.array_equal(usual.test.inputs, other.test.inputs)


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(
    ("test", "column", "expected"),
    [("big,x,2024-01-01,1,0.5", "size", "a number"), ("1,x,soon,1,0.5", "day", "a date")],
)
def test_a_test_row_of_another_kind_is_an_error(
    apart: bool, test: str, column: str, expected: str, tmp_path: Path
) -> None:
    name, line = ("b.csv", 2) if apart else ("a.csv", 22)
    with pytest.raises(UsageError, match=rf"^{name}, line {line}: column {column!r}: expected {expected}, got '"):
        _parted(tmp_path, test, apart=apart)


def test_what_is_said_of_kinds_decides(tmp_path: Path) -> None:
    data = _parted(tmp_path, "big,x,2024-01-01,1,0.5", kinds={"size": "category"})
    assert data.input.categories == (6, 4)
    with pytest.raises(UsageError, match=r"^a\.csv, line 2: column 'word': expected a number, got 'x'$"):
        _parted(tmp_path, USUAL, kinds={"word": "number"})


def test_of_rows_that_are_drawn_nothing_but_the_kind_is_read_outside_the_training_part(tmp_path: Path) -> None:
    """A value of the test part, such as the largest one, changes no fitted value as long as it is of its kind."""
    table: dict[str, Any] = {"a": np.arange(40.0) % 7, "b": ["x", "y"] * 20, "y": np.arange(40) / 3}
    data = from_table(table, scaling="quantile")
    held = [int(data.name_of("test", place).removeprefix("row ")) for place in range(len(data.test or ()))]
    table["a"][held] = 1e6
    table["b"] = [word + "!" if place in held else word for place, word in enumerate(table["b"])]
    changed = from_table(table, scaling="quantile")
    assert changed.preparation == data.preparation
    assert np.array_equal(changed.train.inputs, data.train.inputs)


@pytest.mark.parametrize("apart", [False, True])
def test_test_rows_write_numbers_as_the_training_rows_do(apart: bool, tmp_path: Path) -> None:
    rows = "\n".join(f"{place % 7},5 €;train;{place / 3}" for place in range(20))
    test = "1.200 €;test;0.5"
    (tmp_path / "b.csv").write_text(f"pay;part;y\n{test}", encoding="utf-8")
    (tmp_path / "a.csv").write_text(f"pay;part;y\n{rows}" + ("" if apart else f"\n{test}"), encoding="utf-8")
    settings: dict[str, Any] = {"test": tmp_path / "b.csv", "ignore": ["part"]} if apart else {}
    data = load_data("table", path=tmp_path / "a.csv", **settings)
    assert data.test is not None
    assert data.test.inputs.tolist() == [[1200]]
    (tmp_path / ("b.csv" if apart else "a.csv")).write_text(
        f"pay;part;y\n{'' if apart else rows + chr(10)}$1.2;test;0.5", encoding="utf-8"
    )
    with pytest.raises(UsageError, match=r"column 'pay': expected a number, got '\$1\.2'$"):
        load_data("table", path=tmp_path / "a.csv", **settings)


def _made(kind: str, count: int = 40_000) -> Columns:
    """Rows of 20 columns, of numbers with all their digits or of few values, and a class."""
    rng = np.random.default_rng(0)
    if kind == "numbers":
        arrays: dict[str, Any] = {f"x{place}": rng.normal(size=count) for place in range(20)}
    else:
        arrays = {f"x{place}": rng.integers(0, 99, count) / 4 for place in range(10)}
        arrays |= {f"c{place}": np.array(["a", "b", None], object)[rng.integers(0, 3, count)] for place in range(10)}
    return Columns({**arrays, "y": rng.integers(0, 2, count).astype(np.float64)}, "some", np.arange(count))


@pytest.mark.parametrize(("kind", "most"), [("numbers", 2.95), ("few values", 2.2)])
def test_memory_of_preparing_a_table(kind: str, most: float) -> None:
    """At the peak, beside the samples, there are codes and whole numbers, or twice the memory in numbers as they are.

    Of numbers that are complete, no more than what is rounded to float32 stays while samples are made.
    """
    tracemalloc.start()
    try:
        columns = [_made(kind)]
        tracemalloc.reset_peak()
        data = data_of_columns("some", columns.pop())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert data.test is not None
    assert peak < most * sum(part.inputs.nbytes for part in data.parts.values())


def test_numbers_are_fitted_to_before_they_are_rounded() -> None:
    whole = _made("numbers", 500)
    arrays = {name: whole.column(name) for name in whole.names}
    data = data_of_columns("some", whole, split=Split(0.2, None))
    assert isinstance(data.preparation, Tables)
    rows = data.origins["train"].numbers
    for place, one in enumerate(data.preparation.numbers):
        values = arrays[one.column][rows]
        assert one.fill == np.median(values)
        assert np.array_equal(data.train.inputs[:, place], values.astype(np.float32))
    assert whole.column("x0").tolist() == np.float32(arrays["x0"]).tolist()
    assert whole.column("x0").dtype == np.float64
    quantiles = _made("numbers", 500)
    data_of_columns("some", quantiles, inputs=TableInputs(scaling="quantile"))
    assert np.array_equal(quantiles.column("x0"), arrays["x0"])  # folds fit them anew
