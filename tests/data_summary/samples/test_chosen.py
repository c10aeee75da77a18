"""The samples that are looked at."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nas
from nas.data import Augment
from nas.data_summary.samples import choose_samples
from nas.errors import UsageError
from tests.data.sounds import write_classes
from tests.data_summary.tiny_data import two_blobs


def test_classes_take_turns() -> None:
    found = choose_samples(two_blobs(), 5)
    assert sorted(sample.target for sample in found.samples) in (["a", "a", "a", "b", "b"], ["a", "a", "b", "b", "b"])
    assert np.array_equal(found.prepared, two_blobs().train.inputs[[one.place for one in found.samples]])
    assert found.augmented is None
    assert set(found.before) == {None}


def test_files_are_read_as_they_are(tmp_path: Path) -> None:
    for place in range(10):
        folder = tmp_path / "pets" / ("cat" if place % 2 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4 + place, 6), place, np.uint8)).save(folder / f"{place}.png")
    found = choose_samples(nas.load_data("images", path=tmp_path / "pets"), 2)
    for sample, before in zip(found.samples, found.before, strict=True):
        assert before is not None
        place = int(Path(sample.name).stem)
        assert (before.shape, before.max()) == ((1, 4 + place, 6), place)


def test_sounds_have_their_own_rates(tmp_path: Path) -> None:
    found = choose_samples(nas.load_data("sounds", path=write_classes(tmp_path / "tones"), rate=4000, seconds=0.2), 2)
    assert found.rates == (8000, 8000)
    assert found.prepared.shape == (2, 1, 800)
    durations = [80 + 10 * int(Path(one.name).stem) for one in found.samples]  # milliseconds of the files
    assert [one.shape for one in found.before if one is not None] == [(1, 8 * one) for one in durations]


def test_augmented_copies() -> None:
    found = choose_samples(two_blobs(), 4, Augment(noise=1.0), copies=2)
    assert found.augmented is not None
    assert found.augmented.shape == (2, 4, 1, 1, 3)
    assert not np.array_equal(*found.augmented)
    with pytest.raises(UsageError, match="token_dropout"):
        choose_samples(two_blobs(), 4, Augment(token_dropout=0.5))
