"""TFRecord files, and the protobuf message of NAS-Bench-101, without TensorFlow.

A record consists of its length (8 bytes), the checksum of the length, the data, and the checksum of the data. Checksums
are CRC-32C (Castagnoli), rotated by 15 bits, plus a constant. They are computed for thousands of records at once, since
processing single bytes is slow in Python.
"""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.errors import IntegrityError

LONGEST = 1 << 16
"""Maximal size of a record in bytes; those of NAS-Bench-101 have about 2,000."""
BATCH = 8192
MOST_PADDED = 1 << 26
"""Maximal size of a padded batch, in bytes."""
_HEAD = struct.Struct("<QI")
_TAIL = struct.Struct("<I")
_DELTA = 0xA282EAD8


def _make_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0x82F63B78), table >> 1).astype(np.uint32)
    return table


_TABLE = _make_table()


def masked_crcs(records: Sequence[bytes]) -> NDArray[np.uint32]:
    """The checksums of records."""
    lengths = np.array([len(record) for record in records])
    padded = np.zeros((max(lengths, default=0), len(records)), dtype=np.uint8)
    for place, record in enumerate(records):
        padded[: len(record), place] = np.frombuffer(record, dtype=np.uint8)
    crcs = np.full(len(records), 0xFFFFFFFF, dtype=np.uint32)
    for place, column in enumerate(padded):
        following = _TABLE[(crcs ^ column) & 0xFF] ^ (crcs >> 8)
        crcs = np.where(place < lengths, following, crcs)
    crcs = ~crcs
    return (((crcs >> 15) | (crcs << 17)) + np.uint32(_DELTA)).astype(np.uint32)


def read_records(path: Path) -> Iterator[bytes]:
    """The records of a file. Raises IntegrityError if a record is truncated or its checksum is wrong."""
    with path.open("rb") as stream:
        batch: list[bytes] = []
        checks: list[int] = []
        first = longest = 0
        for data, check in _framed(path, stream):
            longest = max(longest, len(data))
            if len(batch) == BATCH or (len(batch) + 1) * longest > MOST_PADDED:
                yield from _checked(path, batch, checks, first)
                first += len(batch)
                batch, checks, longest = [], [], len(data)
            batch.append(data)
            checks.append(check)
        yield from _checked(path, batch, checks, first)


def _framed(path: Path, stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    number = 0
    known: dict[bytes, int] = {}
    while head := stream.read(_HEAD.size):
        if len(head) < _HEAD.size:
            raise IntegrityError(f"{path} is truncated in the head of record {number}")
        length, check = _HEAD.unpack(head)
        if known.get(head[:8]) is None:
            known[head[:8]] = int(masked_crcs([head[:8]])[0])
        if known[head[:8]] != check or length > LONGEST:
            raise IntegrityError(f"{path} is damaged, or not a TFRecord file: the length of record {number} is wrong")
        data = stream.read(length + _TAIL.size)
        if len(data) < length + _TAIL.size:
            raise IntegrityError(f"{path} is truncated in record {number}")
        yield data[:length], _TAIL.unpack_from(data, length)[0]
        number += 1


def _checked(path: Path, batch: list[bytes], checks: list[int], first: int) -> list[bytes]:
    wrong = np.flatnonzero(masked_crcs(batch) != np.array(checks, dtype=np.uint32))
    if len(wrong):
        raise IntegrityError(f"{path} is damaged: the checksum of record {first + int(wrong[0])} is wrong")
    return batch


class Evaluation(NamedTuple):
    """One `EvaluationData` of NAS-Bench-101: epochs, seconds and accuracies (fractions) at one time of a training."""

    epoch: float = 0.0
    seconds: float = 0.0
    train_acc: float = 0.0
    val_acc: float = 0.0
    test_acc: float = 0.0


def read_metrics(data: bytes) -> tuple[list[Evaluation], int]:
    """`ModelMetrics` of NAS-Bench-101: its evaluations and the number of parameters. Raises ValueError."""
    evaluations, params = [], 0
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            found = [0.0] * 5
            for inner, moment in _fields(value):
                if 1 <= inner <= 5 and isinstance(moment, float):
                    found[inner - 1] = moment
            evaluations.append(Evaluation(*found))
        elif number == 2 and isinstance(value, int):
            params = value
    return evaluations, params


def _fields(data: bytes) -> Iterator[tuple[int, int | float | bytes]]:
    """The number and value of each field of a protobuf message; all 8-byte fields are doubles here."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        kind = key & 7
        if kind == 0:
            value, place = _varint(data, place)
            yield key >> 3, value
            continue
        if kind == 2:
            length, place = _varint(data, place)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError(f"a protobuf field has the invalid wire type {kind}")
        end = place + length
        if end > len(data):
            raise ValueError("a protobuf message is truncated")
        yield key >> 3, struct.unpack_from("<d", data, place)[0] if kind == 1 else data[place:end]
        place = end


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if place >= len(data):
            raise ValueError("a protobuf message is truncated")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("an integer of a protobuf message does not end")
