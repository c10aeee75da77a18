"""Damaged and hostile archives, pickles and CSV files: tables, data sets and what `np.savez` writes."""

import io
import pickle
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nas.archive import open_npz
from nas.data import load_data
from nas.pickles.stand_ins import DICTS, NUMPY
from nas.pickles.unpickle import load_pickle
from nas.space import load_space
from nas.tabular import Table, load_table, write_table
from nas.tabular.members import members_of
from tests.fuzz.harness import Target, fuzz, mutate_bytes, mutate_words


def _packed(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def _mutate_inside(data: bytes, others: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """Damages the archive, or an array in it, under checksums that are right."""
    if rng.random() < 0.4:
        return mutate_bytes(data, others, rng)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        inside = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    name = list(inside)[int(rng.integers(len(inside)))]
    head = inside[name][:128]
    match int(rng.integers(6)):
        case 0 | 1:
            values = bytearray(inside[name][128:])
            for place in rng.integers(len(values), size=int(rng.integers(1, 4))):
                values[place] ^= 1 << int(rng.integers(8))
            inside[name] = head + bytes(values)
        case 2:
            inside[name] = mutate_bytes(head, [head], rng) + inside[name][128:]
        case 3:
            inside[name] = mutate_bytes(inside[name], list(inside.values()), rng)
        case 4:
            size = str(10 ** int(rng.integers(1, 40))).encode()
            inside[name] = head.replace(b"(", b"(" + size + b", ", 1) + inside[name][128:]
        case _:
            inside[name] = head + bytes(int(rng.integers(1 << 18)))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in inside.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _valid_arrays() -> list[bytes]:
    rng = np.random.default_rng(0)
    return [
        _packed(a=rng.random((3, 5)), b=np.array(["x", "yz"]), c=np.array(True)),
        _packed(train_inputs=rng.random((9, 4), dtype=np.float32), train_labels=np.arange(9) % 3),
    ]


def _read_arrays(data: bytes) -> None:
    with open_npz(data, "fuzzed.npz") as archive:
        for array in archive.arrays(archive.names).values():
            array.tolist()


ARRAYS = Target(_valid_arrays, _read_arrays, _mutate_inside)


def _valid_data() -> list[bytes]:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 255, (12, 1, 4, 4), dtype=np.uint8), np.arange(12) % 2
    return [
        _packed(train_inputs=images, train_labels=labels, val_inputs=images[:4], val_labels=labels[:4]),
        _packed(
            train_inputs=images.reshape(12, 16) / 255,
            train_labels=labels,
            val_inputs=images[:4].reshape(4, 16) / 255,
            val_labels=labels[:4],
        ),
    ]


def _read_data(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.npz")
        path.write_bytes(data)
        load_data("npz", path=path)


DATA = Target(_valid_data, _read_data, _mutate_inside)


@cache
def _valid_tables() -> list[bytes]:
    space = load_space(
        {"input": [4], "outputs": 2, "layers": [{"name": "act", "choice": ["relu", "gelu"]}, {"linear": {"units": 2}}]}
    )
    table = Table(
        name="small",
        space=space,
        members=members_of([arch.choices for arch in space]),
        epochs=(1, 2),
        val_acc=np.linspace(0.1, 0.9, 8, dtype=np.float32).reshape(2, 2, 2),
        extra={"latency": np.ones(2, dtype=np.float32)},
    )
    with tempfile.TemporaryDirectory() as folder:
        return [write_table(table, Path(folder, "small.npz")).read_bytes()]


def _read_table(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "small.npz")
        path.write_bytes(data)
        load_table(path)


TABLES = Target(_valid_tables, _read_table, _mutate_inside)

SPACE = """
input: [4]
outputs: 2
layers:
  - {name: act, choice: [relu, gelu]}
  - {name: fc, linear: {units: {choice: [4, 8]}}}
  - linear: {units: outputs}
"""
DECLARED = """
table:
  space: space.yaml
  file: rows.csv
  architecture: {act: act, fc.linear.units: units}
  epochs: {to: 2}
  percent: true
  val_acc: ["a{epoch}", "b{epoch}"]
  seconds: "s{epoch}"
  extra: {latency: lat}
  duplicates: runs
"""
ROWS = """act,units,a1,a2,b1,b2,s1,s2,lat
relu,4,50,61.5,51,62,1,2,0.5
gelu,8.0,70,71,,,1,2,
relu,8,70,71,80,81,1e1,2e1,3
relu,4,52,60,,,1,2,0.7
"""


def _read_rows(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "space.yaml").write_text(SPACE)
        Path(folder, "table.yaml").write_text(DECLARED)
        Path(folder, "rows.csv").write_bytes(data)
        load_table(Path(folder, "table.yaml"))


CELLS = (
    "nan",
    "inf",
    "-1",
    "1e999",
    "0.5",
    "4_0",
    "9" * 400,
    '"',
    ",",
    "\0",
    "relu",
    "8",
    "101",
    " 4 ",
    "é",
    ",," * 5000,
)
CSV = Target(
    lambda: [ROWS.encode(), b"\xef\xbb\xbf" + ROWS.replace("\n", "\r\n").encode()], _read_rows, mutate_words(CELLS)
)

VALUES = (
    {"000000": {"val_acc": [91.5, 90.25], "train_time": [10.0, 11.0]}, "seeds": (777, 888), "none": None},
    [OrderedDict([("a", {1, 2})]), "é" * 300, b"bytes", -5, 2**70, True, ("cifar10", 777)],
    {"array": np.arange(6.0).reshape(2, 3), "number": np.float32(0.5), "big": np.arange(3, dtype=">i2")},
)


def _valid_pickles() -> list[bytes]:
    return [pickle.dumps(value, protocol=protocol) for value in VALUES for protocol in (2, 4)]


def _read_pickle(data: bytes) -> None:
    load_pickle(data, "fuzzed.pkl", admit=(*DICTS, *NUMPY))


def _mutate_pickle(data: bytes, others: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """Changes of bytes, and instructions that take much: put in, and repeated."""
    if rng.random() < 0.6:
        return mutate_bytes(data, others, rng)
    at = int(rng.integers(2, len(data)))
    code = b"]}\x8f(N2)\x85\x86\x94\x91et.rj\x8b\x8d\x8e\x96\x95GXBT"[int(rng.integers(24))]
    many = bytes([code]) * (1 << int(rng.integers(1, 20)))
    return data[:at] + many + rng.bytes(int(rng.integers(9))) + data[at:]


PICKLES = Target(_valid_pickles, _read_pickle, _mutate_pickle)


def test_archives_and_pickles() -> None:
    fuzz(*(f"{__name__}:{target}" for target in ("ARRAYS", "DATA", "TABLES", "CSV", "PICKLES")), cases=250)
