"""Tables in Parquet files (https://parquet.apache.org), read by pyarrow, which the extra `tables` installs."""

from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import Columns
from nas.data.memory import available_bytes
from nas.errors import IntegrityError, StorageError, UsageError, few
from nas.extras import package


def read_parquet(path: Path, *, text: Collection[str] = ()) -> Columns:
    """The columns of a Parquet file.

    Integers, floating-point and decimal numbers are numbers; truth values, strings and dictionaries of strings are
    texts; dates and timestamps are points in time; durations are seconds. Other columns are left out, and the notes say
    which.

    Args:
        path: the file.
        text: columns that are strings.

    Raises:
        UsageError: pyarrow is not installed, the file is empty or does not fit into memory, or a column of `text` is
            missing or has no strings.
        IntegrityError: the file is damaged.
        StorageError: the file cannot be read.
    """
    with _opened(path) as (arrow, file):
        _check_memory(path, file.metadata)
        columns, notes = _columns(path, arrow, file.read(use_threads=False), text)
    if not len(columns):
        raise UsageError(f"{path} has no rows")
    return replace(columns, notes=notes)


def parquet_chunks(
    path: Path, rows: int, *, text: Collection[str] = (), only: Collection[str] | None = None
) -> Generator[Columns, None, None]:
    """The columns of a Parquet file, of at most `rows` rows at a time.

    Args:
        path, text: as in `read_parquet`.
        rows: the largest number of rows in memory, beside those that the file has compressed together.
        only: columns that are read, of those that there are; None: all.

    Raises:
        the errors of `read_parquet`.
    """
    with _opened(path) as (arrow, file):
        names = [name for name in file.schema_arrow.names if only is None or name in only]
        begin = 1
        for batch in file.iter_batches(rows, columns=names, use_threads=False):
            columns, _ = _columns(path, arrow, arrow.Table.from_batches([batch]), text)
            yield replace(columns, rows=columns.rows + (begin - 1))
            begin += len(columns)


def parquet_names(path: Path) -> Sequence[str]:
    """The names of all columns of a Parquet file. Raises the errors of `read_parquet`."""
    with _opened(path) as (_, file):
        return tuple(file.schema_arrow.names)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """pyarrow, and an open file of its own; errors within the block name the file."""
    arrow, parquet = (package(name, f"{path}: a Parquet file") for name in ("pyarrow", "pyarrow.parquet"))
    try:
        with parquet.ParquetFile(path, memory_map=True) as file:
            yield arrow, file
    except arrow.ArrowException as error:
        raise IntegrityError(f"{path}: the Parquet file is damaged: {error}") from error
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}") from error


def _columns(path: Path, arrow: Any, table: Any, text: Collection[str]) -> tuple[Columns, tuple[str, ...]]:
    """A table of pyarrow as columns, whose rows are numbered from 1, and what there is to say of those left out."""
    arrays, left_out = {}, []
    for name, column in zip(table.column_names, table.columns, strict=True):
        array = _array(arrow, column)
        if array is None:
            left_out.append(f"{name!r} ({column.type})")
        else:
            arrays[name] = array
    if len(arrays) + len(left_out) < table.num_columns:
        raise UsageError(f"{path}: two columns have the same name: {few(table.column_names)}")
    for name in text:
        if name not in arrays or arrays[name].dtype != object:
            raise UsageError(f"{path} has no column of texts {name!r}; it has {few(table.column_names)}")
        arrays[name][[value is None for value in arrays[name]]] = ""
    notes = (f"Columns of {path.name} that are no numbers, texts or times are left out: {few(left_out)}",)
    return Columns(arrays, path.name, np.arange(1, len(table) + 1), "row"), notes if left_out else ()


def _array(arrow: Any, column: Any) -> NDArray[Any] | None:
    """A column as an array; None: its values are of another kind."""
    kind, types = column.type, arrow.types
    if types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if types.is_boolean(kind) or types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        found = np.empty(len(column), object)
        found[:] = column.cast(arrow.string()).to_pylist()
        return found
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind):
        return _numbers(arrow, column)
    if types.is_duration(kind):
        seconds = column.cast(arrow.duration("us"), safe=False).cast(arrow.int64())
        return _numbers(arrow, seconds) / 1e6
    if types.is_date(kind) or types.is_timestamp(kind):
        times: NDArray[Any] = column.cast(arrow.timestamp("us"), safe=False).to_numpy()
        return times.astype("datetime64[us]")
    return None


def _numbers(arrow: Any, column: Any) -> NDArray[np.float64]:
    found: NDArray[Any] = column.cast(arrow.float64(), safe=False).to_numpy()
    return found.astype(np.float64)


def _check_memory(path: Path, metadata: Any) -> None:
    """Raises UsageError if the columns and the samples that are made of them would not fit into memory."""
    groups = (metadata.row_group(place) for place in range(metadata.num_row_groups))
    needed, left = 3 * sum(group.total_byte_size for group in groups), available_bytes()
    if left is not None and needed > left:
        raise UsageError(
            f"{path} does not fit into memory: its {metadata.num_rows:,} rows take about {needed >> 20:,} MiB, "
            f"and {left >> 20:,} MiB are left"
        )
