"""TFRecord framing and the protobuf message, against known values and against the format's description."""

import contextlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas.errors import IntegrityError
from nas.tabular import tfrecord
from nas.tabular.tfrecord import Evaluation, masked_crcs, read_metrics, read_records


def crc32c(data: bytes) -> int:
    """Bit by bit, as in RFC 3720, appendix B.4."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> int:
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def framed(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    return head + struct.pack("<I", masked(head)) + data + struct.pack("<I", masked(data))


def test_known_checks() -> None:
    """Those of RFC 3720, appendix B.4."""
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    assert crc32c(b"123456789") == 0xE3069283


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_checks_of_many_at_once(records: list[bytes]) -> None:
    assert masked_crcs(records).tolist() == [masked(record) for record in records]


def test_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tfrecord, "BATCH", 3)
    records = [bytes([k]) * (5 * k) for k in range(10)]
    path = tmp_path / "x.tfrecord"
    path.write_bytes(b"".join(map(framed, records)))
    assert list(read_records(path)) == records
    path.write_bytes(b"")
    assert list(read_records(path)) == []


def test_one_long_record_does_not_make_all_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def noting(records: list[bytes]) -> object:
        sizes.append(len(records) * max(map(len, records), default=0))
        return masked_crcs(records)

    monkeypatch.setattr(tfrecord, "masked_crcs", noting)
    monkeypatch.setattr(tfrecord, "MOST_PADDED", 2000)
    records = [*([b"x"] * 100), b"y" * 900, *([b"z"] * 100)]
    path = tmp_path / "x.tfrecord"
    path.write_bytes(b"".join(map(framed, records)))
    assert list(read_records(path)) == records
    assert max(sizes) <= 2000


def test_damaged_records(tmp_path: Path) -> None:
    good = framed(b"first") + framed(b"second")
    path = tmp_path / "x.tfrecord"
    for cut, message in ((3, "head of record 0"), (16, "in record 0"), (30, "head of record 1"), (36, "in record 1")):
        path.write_bytes(good[:cut])
        with pytest.raises(IntegrityError, match=rf"x\.tfrecord is truncated .*{message}"):
            list(read_records(path))
    for place, message in ((0, "the length of record 0"), (14, "the checksum of record 0"), (22, "length of record 1")):
        flipped = bytearray(good)
        flipped[place] ^= 1
        path.write_bytes(flipped)
        with pytest.raises(IntegrityError, match=message):
            list(read_records(path))
    path.write_bytes(framed(b"x" * 20)[:8] + struct.pack("<I", masked(struct.pack("<Q", 20))) + b"x" * 24)
    with pytest.raises(IntegrityError, match="the checksum of record 0 is wrong"):
        list(read_records(path))
    path.write_bytes(b"this is a text and no record file")
    with pytest.raises(IntegrityError, match="or not a TFRecord file"):
        list(read_records(path))


def varint(number: int) -> bytes:
    out = b""
    while True:
        byte, number = number & 0x7F, number >> 7
        if not number:
            return out + bytes([byte])
        out += bytes([byte | 0x80])


def message(evaluations: list[Evaluation], params: int) -> bytes:
    """`ModelMetrics` of NAS-Bench-101's model_metrics.proto."""
    out = b""
    for one in evaluations:
        inner = b"".join(varint(k << 3 | 1) + struct.pack("<d", value) for k, value in enumerate(one, 1))
        inner += varint(6 << 3 | 2) + varint(4) + b"path"
        out += varint(1 << 3 | 2) + varint(len(inner)) + inner
    return out + varint(2 << 3) + varint(params) + varint(3 << 3 | 1) + struct.pack("<d", 100.5)


def test_metrics() -> None:
    evaluations = [Evaluation(), Evaluation(54.0, 900.5, 0.9, 0.8, 0.7), Evaluation(108.0, 1800.25, 1.0, 0.9, 0.85)]
    assert read_metrics(message(evaluations, 8_000_000)) == (evaluations, 8_000_000)
    assert read_metrics(b"") == ([], 0)


@given(st.binary(max_size=50))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        read_metrics(data)


def test_truncated_metrics() -> None:
    data = message([Evaluation(108.0, 1.0, 1.0, 1.0, 1.0)], 5)
    for cut in (1, 5, len(data) - 1):
        with pytest.raises(ValueError, match="truncated"):
            read_metrics(data[:cut])
    with pytest.raises(ValueError, match="does not end"):
        read_metrics(b"\xff" * 12)
    assert np.isfinite(read_metrics(data)[0][0].val_acc)
