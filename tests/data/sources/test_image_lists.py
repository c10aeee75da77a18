"""Lists of images in Python."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import nas
from nas.data import from_images
from nas.errors import UsageError

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (10, 6, 5, 3), dtype=np.uint8)
LABELS = ["cat", "dog"] * 5


def _encoded(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_images_of_each_kind_are_the_same_data(tmp_path: Path) -> None:
    paths = []
    for place, pixels in enumerate(PIXELS):
        paths.append(tmp_path / f"{place}.png")
        paths[-1].write_bytes(_encoded(pixels))
    kinds: list[Any] = [
        PIXELS,
        list(PIXELS),
        paths,
        [str(path) for path in paths],
        map(_encoded, PIXELS),
        [Image.fromarray(pixels) for pixels in PIXELS],
    ]
    prints = {from_images(images, LABELS, name="pets").fingerprint for images in kinds}
    assert len(prints) == 1
    data = nas.from_images(PIXELS, LABELS)
    assert (data.name, data.outputs, data.shape) == ("images", ("cat", "dog"), (3, 6, 5))
    assert (len(data.train), len(data.val), data.test) == (8, 2, None)
    assert {image.tobytes() for part in (data.train, data.val) for image in part.inputs} == {
        pixels.transpose(2, 0, 1).tobytes() for pixels in PIXELS
    }


def test_parts_groups_and_sizes() -> None:
    wide = [np.hstack([pixels, pixels]) for pixels in PIXELS]
    data = from_images(
        PIXELS, LABELS, val=(wide, LABELS), test=(wide[:4], LABELS[:4]), size=(4, 4), fit="pad", channels=1
    )
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test), data.shape) == (10, 10, 4, (1, 4, 4))
    grouped = from_images(PIXELS, LABELS, groups=[place // 2 for place in range(10)])
    assert grouped.groups is not None
    assert not set(grouped.groups[:8]) & set(grouped.groups[8:])
    values = from_images(PIXELS, np.linspace(0, 1, 10), task="regression")
    assert values.task.name == "regression"


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        ("photos", {}, "train images: expected a list of images, got 'photos'"),
        (7, {}, "train images: expected a list of images, got 7"),
        ([], {}, "train: there are no images"),
        ([*PIXELS[:9], b"x"], {}, "train image 9: this is not an image in one of the formats"),
        ([*PIXELS[:9], 3], {}, "train image 9: expected a path, bytes, an image of Pillow or an array, got 3"),
        (PIXELS, {"val": ([b""], ["cat"])}, "val image 0: this is not an image"),
        (PIXELS[:9], {}, "train labels: expected one per sample, shape (9,), got (10,)"),
        (PIXELS, {"val_groups": [1]}, "val_groups: there are no validation samples"),
    ],
)
def test_what_is_no_data_set(images: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_images(images, LABELS, **options)
    assert message in str(caught.value)
