"""Tables in memory as columns."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from nas.data.reading.in_memory import columns_of
from nas.errors import UsageError

DATES = np.array(["2024-01-31T12:00", "NaT"], "datetime64[us]")


class NAType:
    """As the missing value of pandas."""


class Frame:
    """As a data frame: columns by name, that are no mapping."""

    columns = ("a", "b")

    def __getitem__(self, name: str) -> Any:
        return np.array([1, 2]) if name == "a" else ["x", "y"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.array([1, 2], np.int8), [1.0, 2.0]),
        ([1, None], [1.0, np.nan]),
        ([Decimal("1.5"), Fraction(1, 4)], [1.5, 0.25]),
        (np.array([1, NAType()], object), [1.0, np.nan]),
        (np.array([1_500, "NaT"], "timedelta64[ms]"), [1.5, np.nan]),
        ([None, None], [np.nan, np.nan]),
        (["x", None], ["x", None]),
        (np.array(["x", float("nan")], object), ["x", None]),
        (np.array(["x", "?"]), ["x", "?"]),
        ([True, False], ["true", "false"]),
        (np.array([True, None], object), ["true", None]),
        (np.array(["2024-01-31T12:00", "NaT"], "datetime64[s]"), DATES),
        ([datetime(2024, 1, 31, 14, tzinfo=timezone(timedelta(hours=2))), None], DATES),
        ([datetime(2024, 1, 31, 12, tzinfo=UTC), None], DATES),
        ([date(2024, 1, 31), None], np.array(["2024-01-31", "NaT"], "datetime64[us]")),
    ],
)
def test_kinds_of_columns(given: Any, expected: Any) -> None:
    found = columns_of({"a": given}, "some").column("a")
    wanted = np.asarray(expected, object if isinstance(expected[0], str) else None)
    assert found.dtype == wanted.dtype
    assert found.tolist() == wanted.tolist() if found.dtype == object else np.array_equal(found, wanted, equal_nan=True)


def test_frames_and_tables() -> None:
    found = columns_of(Frame(), "some")
    assert (found.names, len(found), found.unit, found.rows.tolist()) == (("a", "b"), 2, "row", [0, 1])
    arrow: Any = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    table = arrow.table({"a": [1, None], "b": ["x", None], "c": [date(2024, 1, 31), None]})
    found = columns_of(table, "some")
    assert {name: array.dtype.kind for name, array in found.arrays.items()} == {"a": "f", "b": "O", "c": "M"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([[1, 2]], "expected a data frame or a mapping of columns, got a list of 1"),
        ({}, "some: expected columns of one length, got none"),
        ({"a": []}, "some has no rows"),
        ({"a": [1], "b": [1, 2]}, "some: expected columns of one length, got a 1, b 2"),
        ({1: [1]}, "names of columns are strings, got 1"),
        ({"a": np.zeros((2, 2))}, r"some: column 'a': expected one value for each row, got shape \(2, 2\)"),
        ({"a": [1j]}, "some: column 'a': expected numbers, strings or dates, got complex128"),
        ({"a": np.array([1, "x"], object)}, "some: column 'a': expected values of one kind, got numbers and texts"),
        ({"a": np.array([b"x", None], object)}, "some: column 'a': expected numbers, strings or dates, got b'x'"),
    ],
)
def test_what_is_no_table(given: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        columns_of(given, "some")
