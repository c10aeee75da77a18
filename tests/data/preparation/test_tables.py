"""Rows of tables as vectors."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from nas.data.columns import ColumnKind, Columns
from nas.data.preparation.tables import TableInputs, Tables, fit_tables
from nas.errors import UsageError

KINDS: Mapping[str, ColumnKind] = {"city": "category", "pay": "number", "since": "date", "floor": "category"}
TRAIN = {
    "city": np.array(["b", "a", "b", None, "c", "a"], object),
    "pay": np.array([1, 5, np.nan, 2, 100, 3]),
    "since": np.array(["2024-01-01", "2024-01-02", "2024-02-01", "2024-01-05", "NaT", "2024-01-01"], "datetime64[us]"),
    "floor": np.array([1, 2, 1, 2, 1, 1.5]),
}


def table(**arrays: Any) -> Columns:
    arrays = {**TRAIN, **arrays}
    count = len(arrays["pay"])
    return Columns(arrays, "some.csv", np.arange(count) + 2, "line")


def fitted(raw: Columns | None = None, kinds: Mapping[str, ColumnKind] = KINDS, **inputs: Any) -> Tables:
    return fit_tables(raw or table(), TableInputs(**inputs), kinds, complete=False)


def test_numbers_then_marks_of_missing_ones_then_codes() -> None:
    preparation = fitted()
    assert [(one.column, one.part) for one in preparation.numbers] == [
        ("pay", None),
        ("since", "day"),
        ("since", "month"),
        ("since", "day_of_month"),
        ("since", "weekday"),
    ]
    assert (preparation.input.modality, preparation.input.shape) == ("table", (9,))
    assert (preparation.input.categories, preparation.input.numbers) == ((4, 4), 7)
    found = preparation(table())
    assert found.dtype == np.float32
    assert found[:, 0].tolist() == [1, 5, 3, 2, 100, 3]  # the median is 3
    assert found[:, 5].tolist() == [0, 0, 1, 0, 0, 0]
    assert found[:, 1].tolist() == [19723, 19724, 19754, 19727, 19724, 19723]
    assert found[:, 6].tolist() == [0, 0, 0, 0, 1, 0]
    assert found[:, 7].tolist() == [2, 1, 2, 0, 3, 1]  # a and b are equally frequent
    assert found[:, 8].tolist() == [1, 2, 1, 2, 1, 3]  # 1, 2 and 1.5


def test_other_samples_are_prepared_by_what_the_training_samples_say() -> None:
    others = table(
        city=np.array(["z", "a"], object),
        pay=np.array([np.nan, 7]),
        since=np.array(["NaT", "2030-01-01"], "datetime64[us]"),
        floor=np.array([np.nan, 9]),
    )
    found = fitted()(others)
    assert found[:, 0].tolist() == [3, 7]
    assert found[:, 5].tolist() == [1, 0]
    assert found[:, 7:].tolist() == [[0, 0], [1, 0]]


def test_a_fold_has_the_same_inputs() -> None:
    preparation = fitted()
    fold = table(city=np.array(["d", "e", "f", "g", "h", "h"], object), pay=np.full(6, np.nan))
    again = preparation.refitted(fold)
    assert again.input == preparation.input
    assert [one.values for one in again.categories] == [("h", "d", "e"), ("1", "2", "1.5")]
    assert again.numbers[0].fill == 0
    assert preparation.refitted(table()) == preparation
    assert preparation(fold).shape == again(fold).shape == (6, 9)


def test_the_most_frequent_categories_get_a_code() -> None:
    preparation = fitted(max_categories=1)
    assert [one.values for one in preparation.categories] == [("a",), ("1",)]
    assert preparation.input.categories == (2, 2)
    assert preparation(table())[:, 7].tolist() == [0, 1, 0, 0, 0, 1]


def test_quantiles() -> None:
    preparation = fitted(scaling="quantile")
    found = preparation(table())
    assert found[:, 0].argsort(kind="stable").tolist() == [0, 3, 2, 5, 1, 4]
    assert abs(found[:, :5]).max() < 5.3
    assert found[2, 0] == found[5, 0] == pytest.approx(0, abs=1e-6)
    assert len(preparation.numbers[0].quantiles) == 5


def test_whether_inputs_depend_on_the_samples_that_are_fitted_to() -> None:
    numbers: Mapping[str, ColumnKind] = {"floor": "number"}
    assert not fit_tables(table(), TableInputs(), numbers, complete=True).fits
    assert fit_tables(table(), TableInputs(), numbers, complete=False).fits
    assert fit_tables(table(), TableInputs(scaling="quantile"), numbers, complete=True).fits
    assert fit_tables(table(), TableInputs(), {"floor": "category"}, complete=True).fits


def test_a_preparation_is_plain_data() -> None:
    for preparation in (fitted(), fitted(scaling="quantile")):
        read = TypeAdapter(Tables).validate_json(json.dumps(asdict(preparation)))
        assert read == preparation


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pay": np.array([1, np.inf, 3, 4, 5, 6])}, r"column 'pay' is inf in line 3, expected a finite number"),
        ({"pay": np.array([1, 1e39, 3, 4, 5, 6])}, r"column 'pay' is 1e\+39 in line 3"),
        ({"pay": TRAIN["city"]}, r"some\.csv: column 'pay': expected numbers, got 'b' in line 2"),
        ({"since": TRAIN["pay"]}, r"some\.csv: column 'since': expected dates, got .*1\.0.* in line 2"),
    ],
)
def test_values_of_another_kind(arrays: Mapping[str, Any], message: str) -> None:
    for scaling in ("standard", "quantile"):
        with pytest.raises(UsageError, match=message):
            fitted(scaling=scaling)(table(**arrays))


def test_a_column_that_is_missing() -> None:
    with pytest.raises(UsageError, match=r"some\.csv has no column 'floor'; it has city, pay, since"):
        fitted()(table().without(["floor"]))
    assert np.array_equal(fitted()(table(more=TRAIN["pay"])), fitted()(table()))


def test_inputs_have_the_names_and_values_of_the_table() -> None:
    preparation = fitted()
    first, third = (preparation.named(preparation(table())[place]) for place in (0, 2))
    assert [name for name, _ in first] == [
        "pay",
        "since: day",
        "since: month",
        "since: day_of_month",
        "since: weekday",
        "pay is missing",
        "since is missing",
        "city",
        "floor",
    ]
    assert (first[0], first[5], first[7]) == (("pay", "1"), ("pay is missing", "no"), ("city", "b"))
    assert third[5] == ("pay is missing", "yes")
    assert preparation.named(preparation(table())[3])[7] == ("city", "another, or missing")
    scaled = fitted(scaling="quantile")
    assert float(scaled.named(scaled(table())[4])[0][1]) == pytest.approx(100, rel=1e-4)
