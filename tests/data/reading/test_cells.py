"""Cells of text as numbers, texts and points in time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas.data.compact import compact
from nas.data.number_forms import Decimal
from nas.data.reading import cells as module
from nas.data.reading.cells import NumberCells, TextCells, as_times, is_number
from nas.data.reading.dialect import Dialect


@pytest.mark.parametrize("cell", ["1", "-1.5e3", " 2 ", "0", "0.5", "-0", "00.5", "inf", "1e999"])
def test_numbers(cell: str) -> None:
    assert is_number(cell)
    column = NumberCells(Dialect())
    column.add([cell, "?"])
    assert column.column().array()[0] == float(cell)
    assert np.isnan(column.column().array()[1])


@pytest.mark.parametrize("cell", ["x", "1_000", "007", "-01", "1,5", "0x10", "1 2", "2024-01-01"])
def test_what_is_no_number(cell: str) -> None:
    assert not is_number(cell)
    column = NumberCells(Dialect())
    column.add(["1"])
    with pytest.raises(ValueError, match=r"not a number|could not convert"):
        column.add(["2", cell])
    assert column.column().array().tolist() == [1]


@pytest.mark.parametrize(("missing", "decimal"), [("-999", None), ("-999.0", "."), ("-999,0", ",")])
def test_a_number_may_stand_for_a_missing_value(missing: str, decimal: Decimal | None) -> None:
    """Whatever else the column has."""
    for other in ("1", ""):
        column = NumberCells(Dialect(decimal=decimal, missing=("", missing)))
        column.add([f" {missing}", "2", other])
        assert np.isnan(column.column().array()).tolist() == [True, False, not other]


@given(
    st.lists(
        st.one_of(
            st.integers(-300, 300).map(float),
            st.decimals(-9999, 9999, places=3).map(float),
            st.sampled_from([1 / 3, -0.0, 2.0**31, 1e-9, np.inf, np.nan]),
        ),
        max_size=14,
    ),
    st.integers(1, 3),
)
def test_blocks_of_numbers_are_the_column_that_they_would_be_at_once(values: list[float], at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "AT_ONCE", 4)
        column = NumberCells(Dialect(missing=("nan",)))
        for start in range(0, len(values), at_once):
            column.add([repr(value) for value in values[start : start + at_once]])
        found = column.column()
    whole = compact(np.array(values, np.float64))
    assert (type(found), found.nbytes) == (type(whole), whole.nbytes)
    assert found.array().tobytes() == np.array(values, np.float64).tobytes()


def test_numbers_of_few_digits_are_kept_small_while_they_are_read() -> None:
    column = NumberCells(Dialect())
    for _ in range(3):
        column.add(["1.5", "", "2"] * 30_000)
    assert column.bytes == 270_000
    column.add(["0.3333333333333333"])
    assert column.column().nbytes == 270_001 * 8


def test_texts_are_stripped_unless_they_are_kept_as_they_stand() -> None:
    column, kept = TextCells(Dialect()), TextCells(None)
    for one in (column, kept):
        one.add([" a ", "NA", "", "a"])
    assert column.column().array().tolist() == ["a", None, None, "a"]
    assert kept.column().array().tolist() == [" a ", "NA", "", "a"]
    assert column.column().array()[0] is column.column().array()[3]


def test_memory_is_counted_once_for_equal_texts() -> None:
    column = TextCells(None)
    column.add(["x" * 1000])
    once = column.bytes
    column.add(["x" * 1000] * 10)
    assert 1000 < once == column.bytes - 10
    numbers = NumberCells(Dialect())
    numbers.add(["1", "2"])
    assert numbers.bytes == 16


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2024-02-29", "2024-02-29"),
        ("2024-02-29 12:30", "2024-02-29T12:30"),
        ("2024-02-29T12:30:15.25Z", "2024-02-29T12:30:15.25"),
        ("2024-02-29T00:30+01:00", "2024-02-28T23:30"),
        ("2023-02-29", None),
        ("20240229", None),
        ("29/02/2024", None),
        ("2024-W01", None),
    ],
)
def test_points_in_time(text: str, time: str | None) -> None:
    found = as_times(np.array([text, None], object))
    if time is None:
        assert found is None
    else:
        assert found is not None
        assert np.array_equal(found, np.array([time, "NaT"], "datetime64[us]"), equal_nan=True)


def test_a_column_without_values_has_no_times() -> None:
    assert as_times(np.array([None, None], object)) is None
