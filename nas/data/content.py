"""The content of files and of samples in memory, as a hash."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from nas.arguments import describe_value
from nas.errors import StorageError, UsageError

_AT_ONCE = 2**22
_BATCH, _THREADS = 64, 4


def content_of(paths: Iterable[Path], *settings: object) -> str:
    """64 hexadecimal digits (SHA-256) of the names and the contents of files, in this order, and of settings.

    Args:
        paths: the files.
        settings: whatever else decides what is read from them; their `repr`.

    Raises:
        StorageError: a file cannot be read.
    """
    digest = hashlib.sha256(repr(settings).encode())
    files = list(paths)
    step = max(1, min(_BATCH, len(files) // _THREADS**2))  # handing over one file takes longer than to hash a small one
    batches = [files[start : start + step] for start in range(0, len(files), step)]
    with ThreadPoolExecutor(_THREADS) as threads:
        hashed = (found for batch in threads.map(lambda batch: [*map(_hash, batch)], batches) for found in batch)
        for path, found in zip(files, hashed, strict=True):
            digest.update(f"{path.name}\0".encode("utf-8", "surrogateescape"))
            digest.update(found)
    return digest.hexdigest()


def content_in_memory(given: Any) -> str:
    """64 hexadecimal digits (SHA-256) of all that samples in memory consist of: arrays, pictures, texts, numbers, dates
    and the like, files by their paths, and sequences and mappings of these, tables among them.

    Raises:
        UsageError: it is something else, such as an open file, which is read once.
        StorageError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for piece in _pieces(given):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(given: Any) -> Iterator[bytes]:
    """What a value consists of, each piece after what tells it from others."""
    if given is None or isinstance(given, str | bytes | bool | int | float | np.generic):
        yield f"{type(given).__name__} {given!r}\0".encode("utf-8", "surrogatepass")
    elif isinstance(given, Path):
        yield f"file {content_of([given])}\0".encode()
    elif isinstance(given, list | tuple):
        yield f"sequence of {len(given)}\0".encode()
        for one in given:
            yield from _pieces(one)
    elif columns := _columns(given):
        yield f"mapping of {len(columns)}\0".encode()
        for name, column in columns.items():
            yield from _pieces(name)
            yield from _pieces(column)
    else:
        array = np.asarray(given)
        yield f"array {array.dtype.str}{array.shape}\0".encode()
        if array.dtype != object:
            yield array.tobytes()
        elif array.ndim:
            yield from _pieces(array.ravel().tolist())
        elif hasattr(given, "read") or not _says(type(given)):  # it does not say what it consists of
            raise UsageError(f"expected samples in memory, got {describe_value(given)}")
        else:
            yield repr(given).encode()


def _columns(given: Any) -> Mapping[Any, Any]:
    """The columns of a table, or the items of a mapping, by name; empty: it is neither."""
    if isinstance(given, Mapping):
        return given
    return {name: np.asarray(given[name]) for name in given.columns} if hasattr(given, "columns") else {}


def _says(type_: type) -> bool:
    """Whether the `repr` of values of a type says more than where they are in memory."""
    return any("__repr__" in vars(one) for one in type_.__mro__ if one is not object)


def _hash(path: Path) -> bytes:
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(_AT_ONCE):
                digest.update(block)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    return digest.digest()
