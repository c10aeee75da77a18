"""Archives of sounds."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data.preparation.raw_sounds import RawSounds
from nas.data.sources.sound_archive import is_sound_archive, read_sound_archive
from nas.errors import UsageError

ARRAYS: dict[str, Any] = {
    "audio": np.arange(10, dtype=np.int16),
    "offsets": np.array([0, 3, 3, 10]),
    "labels": np.array(["a", "b", "a"]),
    "rate": np.array(8000),
}


def test_sounds_are_cut_at_the_offsets(tmp_path: Path) -> None:
    path = tmp_path / "sounds.npz"
    np.savez(path, **ARRAYS, groups=np.array([5, 6, 7]))
    assert is_sound_archive(path)
    (train,) = read_sound_archive(path).values()
    assert isinstance(train.inputs, RawSounds)
    assert [len(clip) for clip in train.inputs.items] == [3, 0, 7]
    assert np.array_equal(train.inputs.items[2], np.arange(3, 10))
    assert np.asarray(train.groups).tolist() == [5, 6, 7]


def test_parts_divide_them(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **ARRAYS, parts=np.array(["train", "dev", "Test"]))
    found = read_sound_archive(tmp_path / "a.npz")
    assert {part: np.asarray(one.targets).tolist() for part, one in found.items()} == {
        "train": ["a"],
        "val": ["b"],
        "test": ["a"],
    }
    np.savez(tmp_path / "b.npz", **ARRAYS, parts=np.array(["train", "dev", "x"]))
    with pytest.raises(UsageError, match="expected parts of train, val and test, got 'x'"):
        read_sound_archive(tmp_path / "b.npz")


def test_another_archive_is_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", audio=np.zeros(3))
    assert not is_sound_archive(tmp_path / "other.npz")
    assert not is_sound_archive(tmp_path / "none.npz")
