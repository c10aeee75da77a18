"""Pictures of samples."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nas
from nas.data import Augment
from nas.data_summary.samples import choose_samples, draw_samples, is_drawn
from tests.data_summary.tiny_data import two_blobs


def tones() -> nas.Dataset:
    time = np.arange(800) / 2000
    clips = [np.sin(2 * np.pi * 100 * (1 + place % 2) * time) for place in range(10)]
    return nas.from_sounds(clips, ["low", "high"] * 5, rate=2000)


def series() -> nas.Dataset:
    inputs = np.random.default_rng(0).normal(size=(10, 2, 50)).astype(np.float32)
    return nas.from_arrays(inputs, [0, 1] * 5, val=(inputs, [0, 1] * 5))


@pytest.mark.parametrize("data", [two_blobs(), tones(), series()], ids=["image", "sound", "series"])
def test_pictures_show_the_augmentation(data: nas.Dataset) -> None:
    assert is_drawn(data)
    plain = _picture(draw_samples(data, choose_samples(data, 2)))
    changed = _picture(draw_samples(data, choose_samples(data, 2, Augment(noise=2.0))))
    assert np.ptp(plain) > 0
    assert plain.shape != changed.shape or not np.array_equal(plain, changed)


def test_files_are_shown_as_they_are_read(tmp_path: Path) -> None:
    colours: Sequence[tuple[int, int, int]] = ((255, 0, 0), (0, 255, 0))
    for place in range(10):
        folder = tmp_path / str(place % 2)
        folder.mkdir(exist_ok=True)
        Image.new("RGB", (8, 4), colours[place % 2]).save(folder / f"{place}.png")
    data = nas.load_data("images", path=tmp_path, size=[4, 4])
    pixels = _picture(draw_samples(data, choose_samples(data, 2))).reshape(-1, 3)
    red, green = ((pixels == colour).all(axis=1).sum() for colour in colours)
    assert red == pytest.approx(green, rel=0.1)
    assert red > 1000


def test_texts_and_tables_are_written() -> None:
    assert not is_drawn(nas.from_texts(["a b", "b a"] * 5, ["x", "y"] * 5))
    assert not is_drawn(nas.from_table({"a": [0.5, 1.5] * 9, "b": ["x", "y"] * 9}, target="b"))


def _picture(png: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
