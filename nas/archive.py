"""NumPy archives (.npz) read as data: headers are checked before anything is decompressed.

An archive declares its uncompressed size in a few bytes, which may be wrong. The directory, the header of each array
and the size of its data are therefore compared with each other, and with a limit that depends on the size of the file,
before memory is allocated. Arrays contain plain numbers or strings; nothing is unpickled.

The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import contextlib
import errno
import io
import lzma
import math
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.errors import IntegrityError, StorageError

Arrays = Mapping[str, NDArray[Any]]

FREE_BYTES = 1 << 26
"""The uncompressed size in bytes that is allowed for any file."""

MOST_RATIO = 50
"""The maximal ratio of uncompressed to compressed size beyond that. (Zeros reach 1,000, real data about 10.)"""

MOST_ARRAYS = 10_000
MOST_HEADER = 4096
"""Maximal size of the header of an array, in bytes. Typical headers have about 100."""

MOST_DICTIONARY = 1 << 26
"""Maximal size of LZMA's dictionary, in bytes. Its presets use at most 64 MiB."""

_AT_ONCE = {
    zipfile.ZIP_STORED: 1 << 20,
    zipfile.ZIP_DEFLATED: 1 << 20,
    zipfile.ZIP_BZIP2: 1 << 12,
    zipfile.ZIP_LZMA: 1 << 12,
}
"""Bytes read at a time: for the last two methods, zipfile decompresses this much input at once, to any size."""
_NAME_AND_EXTRA = 26
"""Offset, within the local header of an entry, of the lengths of its name and extra field, which precede its data."""

_MAGIC = b"\x93NUMPY"
_KINDS = "biufUS"
_ITEM = re.compile(
    r"""\s*(['"])(descr|fortran_order|shape)\1\s*:\s*(?:(['"])([^'"]*)\3|(True|False)|\(([\d\s,]*)\))\s*(?:,|(?=\}))"""
)

# What zipfile raises for a damaged file: a flipped bit can demand a password (RuntimeError) or an offset beyond all
# files (OverflowError).
_BROKEN = (
    ValueError,
    EOFError,
    KeyError,
    TypeError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def most_bytes(size: int) -> int:
    """The maximal uncompressed size of a file of `size` bytes."""
    return max(FREE_BYTES, MOST_RATIO * size)


class _Header(NamedTuple):
    """The header of an array, and the offset of the values in its entry."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    begin: int

    @property
    def size(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


class Npz:
    """An open archive.

    Attributes:
        names: of its arrays, in the order of the file.
    """

    def __init__(self, file: BinaryIO, size: int, most: int | None = None) -> None:
        """Reads the directory of an archive of `size` bytes, whose arrays may have `most` bytes together, and at most
        `most_bytes(size)`. Raises the exceptions in `_BROKEN`."""
        if file.read(len(_MAGIC)) == _MAGIC:
            raise ValueError("a single array")
        file.seek(0)
        self._file = file
        self.zip = zipfile.ZipFile(file)
        self.most = min(most_bytes(size), most or most_bytes(size))
        entries = self.zip.infolist()
        if len(entries) > MOST_ARRAYS:
            raise ValueError(f"{len(entries):,} arrays, expected at most {MOST_ARRAYS:,}")
        self._entries = {entry.filename.removesuffix(".npy"): entry for entry in entries}
        self.names = tuple(self._entries)
        if len(self.names) < len(entries):
            raise ValueError("two arrays have the same name")

    def arrays(self, names: Iterable[str]) -> Arrays:
        """Arrays by name. Raises KeyError for unknown names, and the exceptions in `_BROKEN`."""
        headers = {name: self._header(name) for name in dict.fromkeys(names)}
        total = sum(header.size for header in headers.values())
        if total > self.most:
            raise ValueError(
                f"unpacks to {total:,} bytes, expected at most {self.most:,}, {MOST_RATIO} times the size of the file; "
                "numpy.savez writes uncompressed files"
            )
        return {name: self._array(name, header) for name, header in headers.items()}

    def _header(self, name: str) -> _Header:
        entry = self._entries[name]
        self._check_method(name, entry)
        with self.zip.open(entry) as stream:
            start = stream.read(8)
            if start[:6] != _MAGIC or start[6:] not in (b"\x01\0", b"\x02\0", b"\x03\0"):
                raise ValueError(f"{name!r} is not an array")
            width = 2 if start[6] == 1 else 4
            length = int.from_bytes(stream.read(width), "little")
            if length > MOST_HEADER:
                raise ValueError(f"{name!r} has a header of {length:,} bytes, expected at most {MOST_HEADER:,}")
            dtype, shape, fortran = _parsed(name, stream.read(length).decode("latin-1"))
        header = _Header(dtype, shape, fortran, 8 + width + length)
        if header.begin + header.size != entry.file_size:
            left = entry.file_size - header.begin
            raise ValueError(f"{name!r} declares {header.size:,} bytes, but has {left:,}")
        return header

    def _check_method(self, name: str, entry: zipfile.ZipInfo) -> None:
        """Refuses methods that zipfile cannot decompress, and LZMA with a large dictionary, which is kept in memory."""
        if entry.compress_type not in _AT_ONCE:
            raise ValueError(f"{name!r} is compressed by method {entry.compress_type}, which is not supported")
        if entry.compress_type == zipfile.ZIP_LZMA:
            self._file.seek(entry.header_offset + _NAME_AND_EXTRA)
            self._file.seek(sum(struct.unpack("<HH", self._file.read(4))), io.SEEK_CUR)
            size = int.from_bytes(self._file.read(9)[5:], "little")
            if size > MOST_DICTIONARY:
                raise ValueError(f"{name!r} needs {size:,} bytes to be unpacked, expected at most {MOST_DICTIONARY:,}")

    def _array(self, name: str, header: _Header) -> NDArray[Any]:
        values, at = bytearray(header.size), 0
        entry = self._entries[name]
        with self.zip.open(entry) as stream:
            stream.read(header.begin)
            while part := stream.read(_AT_ONCE[entry.compress_type]):  # to the end, where the checksum is verified
                values[at : at + len(part)] = part
                at += len(part)
        if at != header.size:
            raise ValueError(f"{name!r} ends after {at:,} of {header.size:,} bytes")
        flat: NDArray[Any] = np.frombuffer(values, dtype=header.dtype)
        if header.dtype.kind == "b":  # bytes other than 0 and 1 are invalid booleans
            flat = np.frombuffer(values, dtype=np.uint8) != 0
        elif header.dtype.kind == "U":  # NumPy crashes on invalid characters
            codes = np.frombuffer(values, dtype=np.dtype(np.uint32).newbyteorder(header.dtype.byteorder))
            if ((codes > sys.maxunicode) | ((codes >= 0xD800) & (codes < 0xE000))).any():
                raise ValueError(f"{name!r} has strings with invalid characters")
        return flat.reshape(header.shape, order="F" if header.fortran else "C")


def _parsed(name: str, text: str) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
    """The content of the header of an array, which is the repr of a dict with three items."""
    found: dict[str, tuple[str | Any, ...]] = {}
    text = text.strip()
    at = 1
    while match := _ITEM.match(text, at):
        found[match[2]] = match.groups()[3:]
        at = match.end()
    if text[:1] != "{" or text[at:].strip() != "}" or len(found) < 3:
        raise ValueError(f"the header of {name!r} is not that of an array of plain numbers or strings")
    kind, fortran, shape = found["descr"][0], found["fortran_order"][1], found["shape"][2]
    if kind is None or fortran is None or shape is None:
        raise ValueError(f"the header of {name!r} has values of the wrong types")
    try:
        dtype = np.dtype(kind)
    except TypeError as error:
        raise ValueError(f"{name!r} has the type {kind!r}, which does not exist") from error
    if dtype.kind == "O":
        raise ValueError(f"{name!r} holds Python objects, which are never unpickled; save strings as array.astype(str)")
    if dtype.kind not in _KINDS or not dtype.itemsize:
        raise ValueError(f"{name!r} has the type {kind!r}, expected plain numbers or strings")
    sizes = tuple(int(size) for size in shape.split(",") if size.strip())
    return dtype, sizes, fortran == "True"


@contextlib.contextmanager
def open_npz(source: str | Path | bytes, name: str = "", *, most: int | None = None) -> Iterator[Npz]:
    """Opens an archive.

    Args:
        source: its path, or its content.
        name: its name in errors, if the content is given.
        most: the maximal uncompressed size of the requested arrays together, in bytes, if that is less than
            `most_bytes`.

    Raises:
        StorageError: the file cannot be read.
        IntegrityError: it is not an archive of plain arrays, or is damaged. Also raised within the `with` block.
    """
    called = name or str(source)
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            yield Npz(file, size, most)
    except MemoryError as error:
        raise IntegrityError(f"{called}: asks for more memory than is available") from error
    except OSError as error:
        # A negative offset is an invalid argument, and errors of bzip2 have no number.
        if error.errno not in (None, errno.EINVAL):
            raise StorageError(f"{called} cannot be read: {error.strerror or error}") from error
        raise IntegrityError(f"{called}: not a NumPy archive of plain arrays ({error.strerror or error})") from error
    except _BROKEN as error:
        said = error.args[0] if isinstance(error, KeyError) and error.args else error
        raise IntegrityError(f"{called}: not a NumPy archive of plain arrays ({said})") from error
