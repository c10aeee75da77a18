"""Shared code of the readers of published files: size limits, and errors that name the file."""

import bz2
import csv
import gzip
import io
import json
import os
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.archive import Arrays, most_bytes, open_npz
from nas.errors import IntegrityError, StorageError, UsageError
from nas.files import read_bytes

FOLDER = "ARCHWRIGHT_TABLES"
"""The environment variable that names a folder with published tables, organised as in docs/tables.md."""

MOST_RUNS = 100
"""Maximal number of recorded runs of an architecture; arrays are padded to the actual maximum."""

MAX_BYTES = 1 << 30
"""Maximal uncompressed size of a file, in bytes."""

# What the parsing of unexpected content raises.
BROKEN = (
    ValueError,
    csv.Error,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)


@contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Turns exceptions while a file is parsed into StorageError or IntegrityError with the name of the file."""
    try:
        yield
    except UsageError as error:
        raise IntegrityError(f"{path}: {error}") from error
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    except BROKEN as error:
        said = f"{type(error).__name__}: {error}" if not isinstance(error, ValueError) else str(error)
        raise IntegrityError(f"{path} is damaged, or not a {what}: {said}") from error


def check_runs(most: int) -> None:
    """Raises UsageError if an architecture has more than MOST_RUNS recorded runs."""
    if most > MOST_RUNS:
        raise UsageError(f"an architecture has {most:,} runs, expected at most {MOST_RUNS}")


def existing(path: str | Path) -> Path:
    """The path, if it exists. Raises UsageError otherwise."""
    if not Path(path).exists():
        raise UsageError(f"{path}: there is no such file")
    return Path(path)


def published(*parts: str) -> Path | None:
    """A file in the folder of published tables; None if there is no such folder or file."""
    folder = os.environ.get(FOLDER)
    path = Path(folder, *parts) if folder else None
    return path if path is not None and path.exists() else None


def unpacked(path: Path, *, most: int | None = None) -> bytes:
    """The content of a file, decompressed if its name ends in `.gz`, `.bz2` or `.pbz2`.

    Args:
        path: the file.
        most: maximal uncompressed size in bytes (None: MAX_BYTES), in addition to `archive.most_bytes`.

    Raises:
        StorageError: the file cannot be read.
        IntegrityError: it is damaged, or exceeds a limit.
    """
    most = most or MAX_BYTES
    packed = {".gz": gzip.GzipFile, ".pbz2": bz2.BZ2File, ".bz2": bz2.BZ2File}
    opener = packed.get(path.suffix)
    if opener is None:
        data = read_bytes(path)
    else:
        try:
            most = min(most, most_bytes(path.stat().st_size))
            with opener(path) as stream:
                data = bytes(stream.read(most + 1))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise IntegrityError(f"{path} is truncated or damaged: {error}") from error
        except OSError as error:
            if error.errno is None:  # raised by bz2 for other formats
                raise IntegrityError(f"{path} is truncated or damaged: {error}") from error
            raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > most:
        raise IntegrityError(f"{path} decompresses to more than {most:,} bytes")
    return data


def read_arrays(path: Path, required: Collection[str] = ()) -> Arrays:
    """The arrays of an .npz file, none of them pickled.

    Raises:
        StorageError, IntegrityError: the file cannot be read, is damaged, is too large, or lacks a required array.
    """
    with open_npz(path, most=MAX_BYTES) as archive:
        missing = [name for name in required if name not in archive.names]
        if missing:
            known = ", ".join(sorted(archive.names))
            raise IntegrityError(f"{path}: the array {missing[0]!r} is missing; the file has {known or 'none'}")
        return archive.arrays(archive.names)


def read_csv(path: Path, required: Collection[str] = ()) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a .csv or .csv.gz file.

    Raises:
        StorageError, IntegrityError: the file cannot be read, is damaged, lacks a required column, or has rows of
            different lengths.
    """
    with reading(path, "CSV file"):
        reader = csv.reader(io.StringIO(unpacked(path).decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader, [])
        if not header:
            raise UsageError("the file is empty")
        if len(set(header)) != len(header):
            twice = next(name for name in header if header.count(name) > 1)
            raise UsageError(f"the column {twice!r} occurs twice")
        missing = [name for name in required if name not in header]
        if missing:
            raise UsageError(f"the column {missing[0]!r} is missing")
        rows = []
        for row in reader:
            if row and len(row) != len(header):
                raise UsageError(f"line {reader.line_num} has {len(row)} values, expected {len(header)}")
            if row:
                rows.append(row)
        if not rows:
            raise UsageError("there are no rows")
    return header, rows


def read_json(path: Path) -> Any:
    """The content of a .json or .json.gz file. Raises StorageError or IntegrityError."""
    with reading(path, "JSON file"):
        try:
            return json.loads(unpacked(path))
        except RecursionError as error:
            raise UsageError("the values are nested too deeply") from error


def fractions(values: Any) -> NDArray[np.float32]:
    """Accuracies in percent as fractions."""
    return (np.asarray(values, dtype=np.float64) / 100).astype(np.float32)
