"""Pixels as PNG, read back by Pillow."""

import io

import numpy as np
import pytest
from PIL import Image

from nas.data.shown.png import png


@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 7, 1), (8, 3, 3)])
def test_pillow_reads_the_pixels(shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    with Image.open(io.BytesIO(png(pixels))) as image:
        assert image.format == "PNG"
        assert image.mode == ("L" if shape[2] == 1 else "RGB")
        assert np.array_equal(np.asarray(image).reshape(shape), pixels)
    assert png(pixels) == png(pixels)
