"""Arrays of files are taken as Archwright takes them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.data.preparation.arrays import Arrays
from tests.plain.executed import check_alike, check_refused, intake_with, script_of

GREY = intake_with(Arrays("image", (1, 4, 3), "uint8"))
NUMBERS = intake_with(Arrays("table", (3,), "float32"))
WHOLE = np.random.default_rng(0).integers(0, 256, (5, 1, 4, 3))


def test_any_order_type_and_shape(tmp_path: Path) -> None:
    written: list[NDArray[Any]] = [WHOLE, WHOLE.astype(np.uint8), WHOLE[:, 0].astype(">f8")]
    written.append(np.asfortranarray(WHOLE.astype(np.float32)))
    for place, array in enumerate(written):
        np.save(tmp_path / f"{place}.npy", array)
        np.savez_compressed(tmp_path / f"{place}.npz", other=np.zeros(2), inputs=array)
        for suffix in ("npy", "npz"):
            assert np.array_equal(check_alike(GREY, tmp_path / f"{place}.{suffix}"), WHOLE)
    np.savez(tmp_path / "only.npz", anything=WHOLE[:, 0, 0] / 7)
    check_alike(NUMBERS, tmp_path / "only.npz")
    assert np.array_equal(script_of(GREY).take(WHOLE.tolist(), GREY.to_dict()).raw, WHOLE)


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.moveaxis(WHOLE, 1, -1), "channels come first"),
        (WHOLE + 0.5, "whole numbers from 0 to 255"),
        (WHOLE.astype("U3"), "expected numbers"),
    ],
)
def test_other_arrays_are_refused(array: NDArray[Any], why: str, tmp_path: Path) -> None:
    np.save(tmp_path / "new.npy", array)
    assert why in check_refused(GREY, tmp_path / "new.npy")


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "new.txt").touch()
    (tmp_path / "new.npy").write_bytes(b"no array")
    np.savez(tmp_path / "two.npz", a=WHOLE, b=WHOLE)
    assert ".npy or .npz" in check_refused(GREY, tmp_path / "new.txt")
    assert "no array" in check_refused(GREY, tmp_path / "new.npy")
    assert "no array 'inputs'" in check_refused(GREY, tmp_path / "two.npz")
    script = script_of(GREY)
    with (tmp_path / "single.npz").open("wb") as file:
        np.save(file, WHOLE)
    (tmp_path / "damaged.npz").write_bytes(b"PK\3\4 no archive")
    (tmp_path / "empty.npz").touch()
    for name in ("single", "damaged", "empty"):
        with pytest.raises(script.IntegrityError, match=rf"{name}\.npz is no archive"):
            script.read(tmp_path / f"{name}.npz", GREY.to_dict())


def test_a_bit_that_is_flipped_is_damage_or_another_archive(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", inputs=np.arange(6.0).reshape(2, 3))
    content, script, refused = (tmp_path / "a.npz").read_bytes(), script_of(NUMBERS), 0
    for place in range(0, 8 * len(content), 11):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << place % 8
        (tmp_path / "a.npz").write_bytes(flipped)
        try:
            script.read(tmp_path / "a.npz", NUMBERS.to_dict())
        except script.ArchwrightError:
            refused += 1
    assert refused > len(content) // 4
