"""Images as arrays of one size."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nas.data.input_spec import InputSpec
from nas.data.preparation import PREPARATIONS, Preparation
from nas.data.preparation.images import LONGEST, Images, Sizing, fit_images
from nas.data.preparation.raw_images import RawImages
from nas.errors import UsageError

RNG = np.random.default_rng(0)


def _colour(*sizes: tuple[int, int]) -> list[np.ndarray]:
    return [RNG.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]


def test_images_of_one_size_stay_as_they_are() -> None:
    pixels = _colour(*[(6, 7)] * 5)
    raw = RawImages.of(pixels)
    preparation = fit_images(raw)
    assert isinstance(preparation, Preparation)
    assert PREPARATIONS["images"] is Images
    assert preparation == Images((6, 7), 3, False, "resize", (6, 6), (7, 7))
    assert preparation.input == InputSpec("image", (3, 6, 7))
    assert not preparation.fits
    assert preparation.refitted(raw) == preparation
    assert preparation.note == ""
    found = preparation(raw)
    assert found.dtype == np.uint8
    assert np.array_equal(found, np.stack(pixels).transpose(0, 3, 1, 2))


@pytest.mark.parametrize(
    ("sizes", "sizing", "expected", "note"),
    [
        ([(10, 20), (30, 40), (12, 20)], Sizing(), (12, 20), "have 10 to 30 × 20 to 40 pixels .* stretched to 12×20"),
        ([(10, 20), (30, 40)], Sizing((8, 9), "pad"), (8, 9), "scaled and padded to 8×9"),
        ([(10, 20)], Sizing((8, 9), "crop"), (8, 9), "have 10×20 pixels .* scaled and cropped to 8×9"),
        ([(400, 200), (402, 200)], Sizing(), (LONGEST, 64), "stretched to 128×64"),
        ([(400, 200)], Sizing(), (400, 200), ""),
        ([(1, 500), (1, 600)], Sizing(), (1, LONGEST), "stretched to 1×128"),
    ],
)
def test_sizes(sizes: list[tuple[int, int]], sizing: Sizing, expected: tuple[int, int], note: str) -> None:
    raw = RawImages.of(_colour(*sizes))
    preparation = fit_images(raw, sizing)
    assert preparation.size == expected
    assert re.search(note, preparation.note)
    assert bool(note) == bool(preparation.note)
    assert preparation(raw).shape == (len(sizes), 3, *expected)


def test_channels_and_types_follow_from_the_training_images() -> None:
    colour, grey, deep = (
        _colour((4, 4))[0],
        np.zeros((4, 4), np.uint8),
        np.full((4, 4), 65535, np.uint16),
    )

    def made(*images: np.ndarray, **options: Any) -> tuple[int, bool]:
        found = fit_images(RawImages.of(images), Sizing(**options))
        return found.channels, found.deep

    assert made(grey) == (1, False)
    assert made(grey, colour) == (3, False)
    assert made(grey, channels=3) == (3, False)
    assert made(colour, channels=1) == (1, False)
    assert made(grey, deep) == (1, True)
    both = fit_images(RawImages.of([grey, deep]))(RawImages.of([grey + np.uint8(7), deep]))
    assert both.dtype == np.float32
    assert (both[0] == 7).all()
    assert (both[1] == 255).all()


def test_threads_give_the_same_images_in_the_same_order(tmp_path: Path) -> None:
    """More than a thread takes at a time, of a size for which threads are used."""
    items = []
    for place in range(150):
        buffer = io.BytesIO()
        Image.fromarray(np.full((64, 64), place, np.uint8)).save(buffer, "PNG")
        items.append(buffer.getvalue())
    raw = RawImages.of(items)
    found = fit_images(raw)(raw)
    assert (found == np.arange(150)[:, None, None, None]).all()
    preparation = fit_images(raw)
    for place in (70, 140):  # damaged after they were fitted
        items[place] = items[place][:60]
    with pytest.raises(UsageError, match=r"^image 70: the image is damaged"):
        preparation(RawImages.of(items))


def test_there_must_be_an_image() -> None:
    with pytest.raises(UsageError, match="train: there are no images"):
        fit_images(RawImages.of([]))
