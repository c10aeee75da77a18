"""Arrays without targets."""

import re
from pathlib import Path

import numpy as np
import pytest

from nas.data.inputs.arrays import read_single
from nas.data.intake import Intake
from nas.data.preparation.arrays import Arrays
from nas.data.reading.form import PLAIN
from nas.errors import IntegrityError, UsageError
from tests.data.inputs.collected import collected

INTAKE = Intake("x", Arrays("image", (1, 2, 3), "uint8"), PLAIN)
IMAGES = np.arange(12, dtype=np.uint8).reshape(2, 1, 2, 3)


def test_files(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", IMAGES)
    np.savez(tmp_path / "b.npz", other=np.zeros(3), inputs=IMAGES)
    np.savez(tmp_path / "c.npz", pixels=IMAGES[:, 0])
    for name in ("a.npy", "b.npz", "c.npz"):
        found = collected(INTAKE, tmp_path / name)
        assert found.names == ["sample 0", "sample 1"]
        assert np.array_equal(np.asarray(found.raw), IMAGES)


def test_files_of_another_kind(tmp_path: Path) -> None:
    np.savez(tmp_path / "b.npz", x=np.zeros(3), y=IMAGES)
    with pytest.raises(UsageError, match=r"b\.npz: there is no array 'inputs'; it has x, y"):
        collected(INTAKE, tmp_path / "b.npz")
    (tmp_path / "a.csv").touch()
    with pytest.raises(UsageError, match=r"a\.csv: the network was trained on arrays; expected a file \.npy or \.npz"):
        collected(INTAKE, tmp_path / "a.csv")
    for content in (b"", b"no array", b"\x93NUMPY\x01\x00\x10\x00{'descr': '|O'}"):
        (tmp_path / "a.npy").write_bytes(content)
        with pytest.raises(IntegrityError, match=r"a\.npy is no array of numbers"):
            collected(INTAKE, tmp_path / "a.npy")
    for shape, got in (((2, 7), r"\(2, 7\)"), ((), "an array of the shape")):
        np.save(tmp_path / "s.npy", np.zeros(shape))
        with pytest.raises(UsageError, match=rf"s\.npy: expected .*, got {got}"):
            collected(INTAKE, tmp_path / "s.npy")
    np.save(tmp_path / "o.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(IntegrityError, match=r"o\.npy is no array of numbers"):
        collected(INTAKE, tmp_path / "o.npy")


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 2, 3, 1), "got (2, 2, 3, 1); channels come first: take numpy.moveaxis(inputs, -1, 1)"),
        ((1, 2, 3), None),  # one image of one channel
        ((2, 1, 3, 2), "inputs: expected shape (N, 1, 2, 3) as in training, got (2, 1, 3, 2)"),
        ((2,), "got (2,)"),
    ],
)
def test_shapes(shape: tuple[int, ...], message: str | None) -> None:
    if message is None:
        assert len(collected(INTAKE, np.zeros(shape)).names) == 1
        return
    with pytest.raises(UsageError, match=re.escape(message)):
        collected(INTAKE, np.zeros(shape))


def test_a_bit_that_is_flipped_is_damage_or_another_array(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", IMAGES)
    content = (tmp_path / "a.npy").read_bytes()
    refused = 0
    for place in range(0, 8 * len(content), 11):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << place % 8
        (tmp_path / "a.npy").write_bytes(flipped)
        try:
            read_single(tmp_path / "a.npy")
        except IntegrityError:
            refused += 1
    assert refused > len(content) // 4
