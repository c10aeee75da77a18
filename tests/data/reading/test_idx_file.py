"""Files in MNIST's format, whole and damaged."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from nas.data.reading.idx_file import read_idx
from nas.errors import IntegrityError, StorageError

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx_bytes(array: np.ndarray) -> bytes:
    """An array as an idx file."""
    code = CODES[array.dtype.str[1:]]
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize("kind", CODES)
def test_each_type(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "some"
    for shape in ((7,), (2, 3, 4), (0, 3)):
        array = np.arange(np.prod(shape)).astype(kind).reshape(shape)
        path.write_bytes(idx_bytes(array))
        found = read_idx(path)
        assert np.array_equal(found, array)
        assert found.dtype.kind == array.dtype.kind
        assert found.flags.writeable
        path.write_bytes(gzip.compress(idx_bytes(array)))
        assert np.array_equal(read_idx(path), array)


def test_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "images"
    data = idx_bytes(np.arange(60, dtype=np.uint8).reshape(3, 4, 5))
    packed = gzip.compress(data)
    huge = struct.pack(">HBB2I", 0, 8, 2, 2**31, 2**31)
    for content in (
        *(data[:cut] for cut in (0, 3, 8, 20, len(data) - 1)),
        data + b"x",
        b"\x00\x01" + data[2:],
        b"\x00\x00\x07" + data[3:],
        b"some text that is no data at all",
        *(packed[:cut] for cut in (2, 12, len(packed) - 1)),
        packed[:30] + b"\xff" + packed[31:],
        gzip.compress(data + b"x"),
        gzip.compress(data[:-1]),
        huge,
        gzip.compress(huge),
    ):
        path.write_bytes(content)
        with pytest.raises(IntegrityError, match="images: not an idx file, or damaged"):
            read_idx(path)
    with pytest.raises(StorageError, match="none cannot be read: No such file"):
        read_idx(tmp_path / "none")
