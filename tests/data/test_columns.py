"""Columns in memory."""

import numpy as np
import pytest

from nas.data.columns import Columns, as_texts, is_missing
from nas.errors import UsageError


@pytest.fixture
def some() -> Columns:
    arrays = {
        "n": np.array([1.0, np.nan, 3.0]),
        "t": np.array(["x", None, "y"], object),
        "d": np.array(["2024-01-01", "NaT", "2024-01-03"], "datetime64[us]"),
    }
    return Columns(arrays, "some.csv", np.array([2, 3, 5]), "line")


def test_rows_and_columns(some: Columns) -> None:
    picked = some[np.array([2, 0])]
    assert picked.arrays["t"].tolist() == ["y", "x"]
    assert picked.rows.tolist() == [5, 2]
    assert len(picked.joined(some)) == 5
    assert picked.joined(some).arrays["t"].tolist() == ["y", "x", "x", None, "y"]
    assert some.only(["d", "n"]).names == ("d", "n")
    assert some.without({"n", "t"}).names == ("d",)
    with pytest.raises(UsageError, match=r"some\.csv has no column 'tt'; did you mean 't'\?; it has n, t, d"):
        some.column("tt")


def test_missing_values(some: Columns) -> None:
    for name in some.names:
        assert is_missing(some.column(name)).tolist() == [False, True, False]


def test_rows_are_named_by_their_lines(some: Columns) -> None:
    assert some.at(np.array([2])) == "line 5"
    assert some.at(np.array([0, 2])) == "lines 2, 5"
    assert some.at(np.zeros(9, int)) == "lines 2, 2, 2, 2, 2, …"


def test_texts_of_any_column() -> None:
    numbers = np.array([1, -2.5, np.nan, 1e16, np.inf])
    assert as_texts(numbers).tolist() == ["1", "-2.5", None, "10000000000000000", "inf"]
    times = np.array(["2024-01-01T12:00", "NaT"], "datetime64[us]")
    assert as_texts(times).tolist() == ["2024-01-01T12:00:00.000000", None]
    texts = np.array(["x", None], object)
    assert as_texts(texts) is texts
