"""NumPy archives: what is read is what was written, and what headers say is believed only where the bytes agree."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from nas.archive import FREE_BYTES, MOST_ARRAYS, most_bytes, open_npz
from nas.errors import IntegrityError, StorageError

PLAIN = st.one_of(
    npst.boolean_dtypes(), npst.integer_dtypes(endianness="?"),
    npst.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    npst.unicode_string_dtypes(endianness="?"), npst.byte_string_dtypes(),
)  # fmt: skip


def saved(save: Callable[..., None] = np.savez, **arrays: Any) -> bytes:
    stream = io.BytesIO()
    save(stream, **arrays)
    return stream.getvalue()


def zipped(header: str, values: bytes = b"", *, version: bytes = b"\x01\0", method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of one array `a` with this header."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        length = struct.pack("<H" if version == b"\x01\0" else "<I", len(header))
        archive.writestr("a.npy", b"\x93NUMPY" + version + length + header.encode("latin-1") + values)
    return stream.getvalue()


def read(data: bytes, *names: str, most: int | None = None) -> dict[str, NDArray[Any]]:
    with open_npz(data, "some.npz", most=most) as archive:
        return dict(archive.arrays(names or archive.names))


@given(npst.arrays(PLAIN, npst.array_shapes(min_dims=0, max_dims=4, min_side=0)), st.booleans(), st.booleans())
@settings(max_examples=80)
def test_any_plain_array(array: NDArray[Any], packed: bool, fortran: bool) -> None:
    data = saved(np.savez_compressed if packed else np.savez, a=np.asfortranarray(array) if fortran else array)
    found, theirs = read(data)["a"], np.load(io.BytesIO(data))["a"]
    assert found.dtype == theirs.dtype
    assert found.shape == theirs.shape
    assert found.tobytes() == theirs.tobytes()
    assert found.flags.writeable


def test_some_of_several_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(saved(a=np.arange(3), b=np.array(["x", "yz"]), objects=np.array([{}, None], dtype=object)))
    with open_npz(path) as archive:
        assert archive.names == ("a", "b", "objects")
        found = archive.arrays(("b", "a", "b"))
    assert {name: array.tolist() for name, array in found.items()} == {"b": ["x", "yz"], "a": [0, 1, 2]}
    with pytest.raises(IntegrityError, match=r"a\.npz: .* \(nothing\)"), open_npz(path) as archive:
        archive.arrays(("nothing",))
    with pytest.raises(StorageError, match=r"none\.npz cannot be read: No such file"), open_npz(tmp_path / "none.npz"):
        pass


HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
BAD = (
    (HEADER.replace("(2,)", "(3,)"), "'a' declares 12 bytes, but has 8"),
    (HEADER.replace("(2,)", "(1000000000000,)"), "'a' declares 4,000,000,000,000 bytes, but has 8"),
    (HEADER.replace("(2,)", f"({'9' * 3000},)"), "'a' declares "),
    (HEADER.replace("(2,)", "(-2,)"), "is not that of an array"),
    (HEADER.replace("(2,)", "(" * 3000 + "2" + ")" * 3000), "has a header of 6,054 bytes, expected at most 4,096"),
    (HEADER.replace("(2,)", "(" * 1500 + "2,"), "is not that of an array"),
    (HEADER.replace("(2,)", "2"), "is not that of an array"),
    (HEADER.replace("'<f4'", "'|O'"), "'a' holds Python objects, which are never unpickled"),
    (HEADER.replace("'<f4'", "'<M8'"), "has the type '<M8', expected plain numbers or strings"),
    (HEADER.replace("'<f4'", "'no'"), "has the type 'no', which does not exist"),
    (HEADER.replace("'<f4'", "[('x', '<f4')]"), "is not that of an array"),
    (HEADER.replace("'<f4'", "'<U0'"), "expected plain numbers or strings"),
    (HEADER.replace("False", "0"), "is not that of an array"),
    (HEADER.replace("'shape': (2,), ", ""), "is not that of an array"),
    (HEADER.replace("'shape'", "'descr'"), "is not that of an array"),
    ("__import__('os').system('touch made')", "is not that of an array"),
    ("", "is not that of an array"),
)


@pytest.mark.parametrize(("header", "said"), BAD)
def test_headers_that_lie(header: str, said: str) -> None:
    for version in (b"\x01\0", b"\x02\0"):
        with pytest.raises(IntegrityError, match=r"^some\.npz: not a NumPy archive of plain arrays") as caught:
            read(zipped(header, bytes(8), version=version))
        assert said in str(caught.value)
    assert read(zipped(HEADER, bytes(8)))["a"].tolist() == [0, 0], "the header that the others are made of"


def test_more_than_a_file_may_be_worth() -> None:
    header = HEADER.replace("<f4", "|u1").replace("2,", f"{FREE_BYTES + 1},")
    bomb = zipped(header, bytes(FREE_BYTES + 1), method=zipfile.ZIP_DEFLATED)
    assert most_bytes(len(bomb)) == FREE_BYTES
    with pytest.raises(IntegrityError, match=r"unpacks to 67,108,865 bytes, expected at most 67,108,864"):
        read(bomb)
    with pytest.raises(IntegrityError, match="unpacks to 48 bytes, expected at most 40"):
        read(saved(a=np.arange(3), b=np.arange(3)), most=40)
    assert len(read(saved(a=np.arange(3), b=np.arange(3)), "b", most=40)) == 1, "what is asked for counts"
    assert most_bytes(10**8) == 50 * 10**8


def test_packed_in_another_way(tmp_path: Path) -> None:
    header = HEADER.replace("2,", "50000,")
    values = np.arange(50_000, dtype="<f4")
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert np.array_equal(read(zipped(header, values.tobytes(), method=method))["a"], values)
        data = bytearray(zipped(header, values.tobytes(), method=method))
        for place in range(60, len(data) - 100, len(data) // 40):
            damaged = data.copy()
            damaged[place] ^= 0xFF
            with pytest.raises(IntegrityError, match="not a NumPy archive of plain arrays"):
                read(bytes(damaged))
    data = bytearray(zipped(HEADER, bytes(8), method=zipfile.ZIP_LZMA))
    data[30 + len("a.npy") + 5 : 30 + len("a.npy") + 9] = (1 << 30).to_bytes(4, "little")
    with pytest.raises(IntegrityError, match="'a' needs 1,073,741,824 bytes to be unpacked, expected at most 67,108"):
        read(bytes(data))
    other = bytearray(zipped(HEADER, bytes(8)))
    other[other.index(b"PK\x01\x02") + 10] = 97  # the method that the directory says
    with pytest.raises(IntegrityError, match="'a' is compressed by method 97, which is not supported"):
        read(bytes(other))
    np.save(tmp_path / "a.npy", np.arange(3))
    with pytest.raises(IntegrityError, match="a single array"):
        read((tmp_path / "a.npy").read_bytes())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(MOST_ARRAYS + 1):
            archive.writestr(f"{number}.npy", b"")
    with pytest.raises(IntegrityError, match="10,001 arrays, expected at most 10,000"):
        read(stream.getvalue())
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("a.npy", b"")
        archive.writestr("a", b"")
    with pytest.raises(IntegrityError, match="two arrays have the same name"):
        read(twice.getvalue())


@pytest.mark.parametrize("code", [0x110000, 0xFFFFFFFF, 0xD800])
def test_texts_are_of_characters(code: int) -> None:
    for order in "<>":
        header = HEADER.replace("<f4", f"{order}U2")
        letters = struct.pack(f"{order}4I", *map(ord, "text"))
        assert read(zipped(header, letters))["a"].tolist() == ["te", "xt"]
        with pytest.raises(IntegrityError, match="invalid characters"):
            read(zipped(header, letters[:8] + struct.pack(f"{order}2I", code, 0)))


def test_truth_values_are_0_or_1() -> None:
    header = HEADER.replace("<f4", "|b1").replace("2,", "3,")
    found = read(zipped(header, b"\x00\x02\x01"))["a"]
    assert found.tobytes() == b"\x00\x01\x01"
