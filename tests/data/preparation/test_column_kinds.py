"""Kinds of columns."""

from typing import Any

import numpy as np
import pytest

from nas.data.columns import Columns
from nas.data.preparation.column_kinds import infer_kinds
from nas.errors import UsageError

COUNT = 40
ARRAYS: dict[str, Any] = {
    "number": np.arange(COUNT) % 2.0,
    "row": np.arange(COUNT) + 1.0,
    "shuffled": np.arange(COUNT)[::-1] * 1.0,
    "one": np.ones(COUNT),
    "one or none": np.where(np.arange(COUNT) % 2, np.nan, 1),
    "none": np.full(COUNT, np.nan),
    "category": np.array([str(place // 2) for place in range(COUNT)], object),
    "text": np.array([str(place // 2 if place else "x") + "!" for place in range(COUNT)], object),
    "date": np.arange(COUNT).astype("datetime64[D]").astype("datetime64[us]"),
}


def table(*names: str) -> Columns:
    return Columns({name: ARRAYS[name] for name in names or ARRAYS}, "some.csv", np.arange(COUNT) + 2, "line")


def test_kinds_are_inferred_and_what_is_left_out_is_said() -> None:
    found = infer_kinds(table(), {})
    assert found.of == {
        "number": "number",
        "shuffled": "number",
        "one or none": "number",
        "category": "category",
        "date": "date",
    }
    assert found.notes == (
        "The inputs are 3 numbers (number, shuffled, one or none), 1 category (category), 1 date (date); `kinds:` "
        "names other kinds",
        "1 column is left out, with the numbers of the rows: row",
        "2 columns are left out, with one value: one, none",
        "1 column is left out, with texts most of which differ: text",
    )


def test_a_column_of_numbers_with_some_texts_is_said() -> None:
    values = np.array([*map(str, range(COUNT - 1)), "n/a"], object)
    columns = Columns({**table("number").arrays, "pay": values}, "some.csv", np.arange(COUNT) + 2, "line")
    note = "'pay' is a column of texts because of 'n/a' in line 41, though most of its values are numbers; `missing:`"
    assert any(one.startswith(note) for one in infer_kinds(columns, {}).notes)
    assert not any("'pay'" in one for one in infer_kinds(columns, {"pay": "category"}).notes)


def test_numbers_without_bounds_are_no_numbers_of_rows() -> None:
    values = np.array([0.0, np.inf, *[np.inf] * (COUNT - 2)])
    assert infer_kinds(Columns({"a": values}, "some.csv", np.arange(COUNT) + 2, "line"), {}).of == {"a": "number"}


def test_given_kinds() -> None:
    found = infer_kinds(table(), {"number": "category", "row": "number", "text": "category", "date": "category"})
    assert {name: found.of[name] for name in ("number", "row", "text", "date")} == {
        "number": "category",
        "row": "number",
        "text": "category",
        "date": "category",
    }


def test_kinds_that_do_not_fit() -> None:
    with pytest.raises(UsageError, match="kinds: there is no input 'numbre'; did you mean 'number'"):
        infer_kinds(table(), {"numbre": "number"})
    with pytest.raises(UsageError, match="kinds: 'category': expected numbers, got '0' in line 2"):
        infer_kinds(table(), {"category": "number"})
    with pytest.raises(UsageError, match=r"kinds: 'number': expected dates such as 2024-12-31 or .* in line 2"):
        infer_kinds(table(), {"number": "date"})
    with pytest.raises(UsageError, match=r"some\.csv has no input; 1 column is left out, with one value: one"):
        infer_kinds(table("one"), {})
