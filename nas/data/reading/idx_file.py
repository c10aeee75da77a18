"""Files in the idx format of MNIST: a number of axes, their lengths, and the values of one array.

The format: http://yann.lecun.com/exdb/mnist/, section "the IDX file format". A header may declare any size, so that it
is compared with the size of the file before memory is allocated.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import IntegrityError, StorageError

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""The types of values by their codes, the third byte of a file."""

_MOST_RATIO = 1100
"""Deflate compresses at most 1,032 to 1."""

_MOST_AXES = 8


def read_idx(path: Path) -> NDArray[Any]:
    """The array of a file, which gzip may have compressed: that is told by its first bytes, not by its name.

    Raises:
        IntegrityError: the file is damaged, or is something else.
        StorageError: it cannot be read.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as plain:
            compressed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            if not compressed:
                return _read(plain, size, exact=True)
            with gzip.open(plain) as file:
                return _read(file, size * _MOST_RATIO, exact=False)
    except (ValueError, EOFError, gzip.BadGzipFile, zlib.error, struct.error) as error:
        raise IntegrityError(f"{path}: not an idx file, or damaged ({error})") from error
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error


def _read(file: Any, most: int, *, exact: bool) -> NDArray[Any]:
    """The array of an open file that has `most` bytes, or at most these."""
    zeros, code, axes = struct.unpack(">HBB", file.read(4))
    if zeros or code not in _TYPES or not 1 <= axes <= _MOST_AXES:
        raise ValueError("it does not begin as one")
    shape = struct.unpack(f">{axes}I", file.read(4 * axes))
    dtype = np.dtype(_TYPES[code])
    needed = math.prod(shape) * dtype.itemsize
    left = most - 4 - 4 * axes
    if needed > left or (exact and needed < left):
        raise ValueError(
            f"the shape {shape} needs {needed:,} bytes, and the file has {'' if exact else 'at most '}{left:,}"
        )
    array = np.empty(shape, dtype)
    values = array.reshape(-1).view(np.uint8).data
    at = 0
    while at < needed:
        if not (read := file.readinto(values[at:])):
            raise ValueError(f"it ends after {at:,} of {needed:,} bytes")
        at += read
    if file.read(1):  # to the end, where gzip's checksum is verified
        raise ValueError("it goes on after its last value")
    return array
