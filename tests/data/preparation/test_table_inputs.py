"""Samples are numbers, then marks of missing ones, then codes."""

import numpy as np
import pytest

from nas.data.columns import Columns
from nas.data.preparation.table_inputs import CategoryInput, NumberInput, fill_rows
from nas.errors import UsageError

COLUMNS = Columns(
    {
        "size": np.array([1.5, np.nan]),
        "sold": np.array(["2024-02-29", "NaT"], "datetime64[us]"),
        "code": np.array([7.0, 8.0]),
        "kind": np.array(["b", None], object),
    },
    "rows",
    np.array([2, 3]),
    "line",
)


def test_the_order_of_inputs() -> None:
    numbers = [
        NumberInput("sold", "month", 6.0, marked=True),
        NumberInput("size", None, -1.0, marked=True),
        NumberInput("sold", "weekday", 0.5, marked=False),
    ]
    found = np.empty((2, 7), np.float32)
    fill_rows(found, COLUMNS, numbers, [CategoryInput("kind", ("a", "b"), 3), CategoryInput("code", ("7",), 2)])
    assert found.tolist() == [[2, 1.5, 3, 0, 0, 2, 1], [6, -1, 0.5, 1, 1, 0, 0]]


def test_columns_of_other_kinds() -> None:
    found = np.empty((2, 1), np.float32)
    for number, why in (
        (NumberInput("sold", None, 0.0, marked=False), "column 'sold': expected numbers, got .* in line 2"),
        (NumberInput("size", "day", 0.0, marked=False), "column 'size': expected dates, got .* in line 2"),
        (NumberInput("size", None, np.inf, marked=False), "column 'size' is inf in line 3, expected a finite number"),
    ):
        with pytest.raises(UsageError, match=why):
            fill_rows(found, COLUMNS, [number], [])
