"""Columns that are kept small, and are the same when they are read."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas.data import compact as module
from nas.data.compact import Codes, Decimals, Plain, as_decimals, coded, codes_of, compact


@given(
    st.lists(
        st.one_of(
            st.floats(),
            st.integers(-(2**33), 2**33).map(float),
            st.decimals(-9999, 9999, places=3).map(float),
            st.just(float("nan")),
        ),
        max_size=12,
    )
)
def test_numbers_are_the_same_bit_for_bit(values: list[float]) -> None:
    column = np.array(values, np.float64)
    column[np.isnan(column)] = np.nan
    kept = compact(column)
    assert kept.array().tobytes() == column.tobytes()
    assert len(kept) == len(column)
    assert kept.nbytes <= column.nbytes
    rows = np.arange(len(column))[::-2]
    assert kept.array(rows).tobytes() == column[rows].tobytes()


@pytest.mark.parametrize(
    ("values", "dtype", "places"),
    [
        ([1, -127, np.nan], np.int8, 0),
        ([0, 128], np.int16, 0),
        ([-0.5, 0.25], np.int8, 2),
        ([0.1, 12345.6789], np.int32, 4),
        ([2**31 - 1], np.int32, 0),
        ([np.nan, np.nan], np.int8, 0),
    ],
)
def test_decimals_take_the_smallest_type(values: list[float], dtype: Any, places: int) -> None:
    kept = as_decimals(np.array(values, np.float64))
    assert kept is not None
    assert kept.digits.dtype == dtype
    assert kept.places == places


@pytest.mark.parametrize("value", [1 / 3, -0.0, np.inf, -np.inf, 2.0**31, -(2.0**31), 1e-10, 12345.678901, 1e300])
def test_other_numbers_stay_as_they_are(value: float) -> None:
    assert as_decimals(np.array([1.0, value])) is None
    assert isinstance(compact(np.array([1.0, value])), Plain)


def test_decimals_are_found_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 4)
    column = np.array([1, 2, 3, np.nan, 0.5, 1.25, 7, 8, 300])
    kept = compact(column)
    assert isinstance(kept, Decimals)
    assert kept.places == 2
    assert kept.digits.dtype == np.int16
    assert np.array_equal(kept.array(), column, equal_nan=True)
    assert isinstance(compact(np.array([3e7, 1, 1, 1, 0.001])), Plain)


@pytest.mark.parametrize("large", [np.nan, -np.inf, 1e39, float(np.nextafter(module.LARGEST, np.inf)), module.LARGEST])
def test_numbers_that_are_made_single_stay_float64_to_readers(large: float) -> None:
    """Those that are missing or too large stay as they are, as then an error names them."""
    values = np.array([0.1, -2.5, large])
    kept = Plain(values)
    kept.single()
    rounds = large == module.LARGEST
    assert kept.nbytes == values.nbytes // (2 if rounds else 1)
    assert kept.array().dtype == kept.array(np.array([1])).dtype == np.float64
    assert kept.array().tobytes() == (values.astype(np.float32).astype(np.float64) if rounds else values).tobytes()
    times = Plain(np.array(["2024-01-01"], "datetime64[us]"))
    times.single()
    assert times.array().dtype.kind == "M"


def test_texts_are_codes() -> None:
    texts = np.array(["b", None, "a", "b"], object)
    kept = compact(texts)
    assert isinstance(kept, Codes)
    assert kept.codes.dtype == np.uint8
    assert kept.array().tolist() == texts.tolist()
    assert kept.array()[0] is kept.array()[3]
    many = coded(map(str, range(300)))
    assert many.codes.dtype == np.uint16
    assert many.array(np.array([299, 0])).tolist() == ["299", "0"]
    assert codes_of(np.zeros(0, np.uint32), {}).array().tolist() == []
