"""What readers share: damaged, truncated, too large and missing files."""

import bz2
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from nas.archive import FREE_BYTES
from nas.errors import IntegrityError, StorageError, UsageError
from nas.tabular import reading
from nas.tabular.reading import existing, fractions, published, read_arrays, read_csv, read_json, unpacked


def test_arrays(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, a=np.arange(3))
    assert read_arrays(path, ("a",))["a"].tolist() == [0, 1, 2]
    with pytest.raises(IntegrityError, match=r"a\.npz: the array 'b' is missing; the file has a"):
        read_arrays(path, ("b",))


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_truncated_arrays(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, a=np.random.default_rng(0).random(1000))
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data)) if keep < 1 else int(keep)])
    with pytest.raises(IntegrityError, match=r"a\.npz: not a NumPy archive of plain arrays"):
        read_arrays(path)


def test_a_flipped_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, a=np.random.default_rng(0).random(1000))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="not a NumPy archive of plain arrays"):
        read_arrays(path)


def test_limits_on_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    path = tmp_path / "a.npz"
    np.savez_compressed(path, a=np.zeros(10_000))
    with pytest.raises(IntegrityError, match=r"unpacks to 80,\d+ bytes, expected at most 1,000"):
        read_arrays(path)
    packed = tmp_path / "a.json.gz"
    packed.write_bytes(gzip.compress(b"0" * 10_000))
    with pytest.raises(IntegrityError, match="decompresses to more than 1,000 bytes"):
        unpacked(packed)
    monkeypatch.undo()
    for name, pack in (("zeros.gz", gzip.compress), ("zeros.bz2", bz2.compress)):
        (tmp_path / name).write_bytes(pack(bytes(FREE_BYTES + 1)))
        with pytest.raises(IntegrityError, match="decompresses to more than 67,108,864 bytes"):
            unpacked(tmp_path / name)


def test_packed_files(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4
    for name, pack in (("a.gz", gzip.compress), ("a.pickle.pbz2", bz2.compress), ("a", bytes)):
        path = tmp_path / name
        path.write_bytes(pack(data))
        assert unpacked(path) == data
    for name, pack in (("a.gz", gzip.compress), ("a.pickle.pbz2", bz2.compress)):
        path = tmp_path / name
        for broken in (pack(data)[:-20], b"something else"):
            path.write_bytes(broken)
            with pytest.raises(IntegrityError, match="is truncated or damaged"):
                unpacked(path)
    with pytest.raises(StorageError, match="cannot be read"):
        unpacked(tmp_path / "missing.gz")
    with pytest.raises(StorageError, match="cannot be read"):
        unpacked(tmp_path / "missing")


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x, y"\n\n2,z\n')
    assert read_csv(path, ("b",)) == (["a", "b"], [["1", "x, y"], ["2", "z"]])
    for text, message in (
        ("a,b\n1\n", "line 2 has 1 values, expected 2"),
        ("a,a\n1,2\n", "the column 'a' occurs twice"),
        ("a,b\n", ""),
        ("", "the file is empty"),
        ('a,b\n1,"x\n', "unexpected end of data"),
        ("c\n1\n", "the column 'b' is missing"),
    ):
        path.write_text(text)
        if message:
            with pytest.raises(IntegrityError, match=message):
                read_csv(path, ("b",) if text[0:1] == "c" else ())
    path.write_bytes(b"a\n\xff\n")
    with pytest.raises(IntegrityError, match=r"a\.csv is damaged, or not a CSV file"):
        read_csv(path)


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"a": 1}))
    assert read_json(path) == {"a": 1}
    for text in ("{", "[" * 100_000):
        path.write_text(text)
        with pytest.raises(IntegrityError, match=r"a\.json"):
            read_json(path)


def test_where_files_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(reading.FOLDER, raising=False)
    assert published("a") is None
    monkeypatch.setenv(reading.FOLDER, str(tmp_path))
    assert published("a") is None
    (tmp_path / "a").touch()
    assert published("a") == tmp_path / "a" == existing(tmp_path / "a")
    with pytest.raises(UsageError, match="there is no such file"):
        existing(tmp_path / "b")


def test_fractions() -> None:
    assert fractions([50, 91.6]).tolist() == [0.5, np.float32(0.916)]
