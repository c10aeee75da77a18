"""Tables in memory as columns: data frames of pandas or Polars, tables of pyarrow, and mappings of arrays."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from math import nan
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import describe_value
from nas.data.columns import Columns
from nas.errors import UsageError, few


def columns_of(table: Any, name: str) -> Columns:
    """The columns of a table in memory.

    Args:
        table: something that has columns by name, each a sequence of numbers, truth values (which become the texts
            `true` and `false`), strings, dates or times; a missing value is None, NaN, NaT or pandas' NA.
        name: of the table, for messages.

    Raises:
        UsageError: this is no table, its columns differ in length, or a column has other values; says where.
    """
    names = _names(table)
    twice = [one for one in dict.fromkeys(names) if names.count(one) > 1]
    if twice:
        raise UsageError(f"{name}: two columns have the same name, {few(map(repr, twice))}")
    arrays = {one: _column(table[one], f"{name}: column {one!r}") for one in names}
    lengths = {len(array) for array in arrays.values()}
    if len(lengths) != 1:
        sizes = few(f"{one} {len(array)}" for one, array in arrays.items())
        raise UsageError(f"{name}: expected columns of one length, got {sizes or 'none'}")
    count = lengths.pop()
    if not count:
        raise UsageError(f"{name} has no rows")
    return Columns(arrays, name, np.arange(count), "row")


def _names(table: Any) -> list[str]:
    if isinstance(table, Mapping):
        names = list(table)
    elif hasattr(table, "column_names"):  # pyarrow
        names = list(table.column_names)
    elif hasattr(table, "columns") and hasattr(table, "__getitem__"):  # pandas and Polars
        names = list(table.columns)
    else:
        raise UsageError(f"expected a data frame or a mapping of columns, got {describe_value(table)}")
    for name in names:
        if not isinstance(name, str):
            raise UsageError(f"names of columns are strings, got {describe_value(name)}")
    return names


def _column(given: Any, what: str) -> NDArray[Any]:
    array = np.asarray(given)
    if array.ndim != 1:
        raise UsageError(f"{what}: expected one value for each row, got shape {array.shape}")
    match array.dtype.kind:
        case "i" | "u" | "f":
            return array.astype(np.float64)
        case "M":
            return array.astype("datetime64[us]")
        case "m":
            return np.where(np.isnat(array), nan, array / np.timedelta64(1, "s"))
        case "b" | "U" | "T" | "O":
            return _of_values([None if _is_missing(value) else value for value in array.tolist()], what)
        case _:
            raise UsageError(f"{what}: expected numbers, strings or dates, got {array.dtype}")


def _of_values(values: list[Any], what: str) -> NDArray[Any]:
    """A column of numbers, texts or times, from Python's values of one of these kinds."""
    kinds = {_kind(value, what) for value in values if value is not None}
    if len(kinds) > 1:
        raise UsageError(f"{what}: expected values of one kind, got {' and '.join(sorted(kinds))}")
    match next(iter(kinds), "numbers"):
        case "numbers":
            return np.array([nan if value is None else float(value) for value in values])
        case "dates":
            return np.array([_time(value) for value in values], "datetime64[us]")
        case _:
            found = np.empty(len(values), object)
            found[:] = [str(value).lower() if isinstance(value, bool) else value for value in values]
            return found


def _kind(value: Any, what: str) -> str:
    if isinstance(value, str):
        return "texts"
    if isinstance(value, bool | np.bool_):
        return "truth values"
    if isinstance(value, date):
        return "dates"
    if isinstance(value, Real) or hasattr(value, "__float__"):
        return "numbers"
    raise UsageError(f"{what}: expected numbers, strings or dates, got {describe_value(value)}")


def _time(value: date | None) -> np.datetime64:
    if value is None:
        return np.datetime64("NaT", "us")
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(value, "us")


def _is_missing(value: Any) -> bool:
    # Missing values of pandas are known by name, so that it is not loaded.
    return (
        value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
    )
