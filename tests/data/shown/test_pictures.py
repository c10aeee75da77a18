"""Images as small pictures."""

import base64
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nas.data.shown import Picture
from nas.data.shown.pictures import LARGEST, picture, picture_overlay, shrunk


def pixels(shown: Picture) -> NDArray[np.uint8]:
    """What a browser draws, `(H, W)` or `(H, W, 3)`."""
    with Image.open(io.BytesIO(base64.b64decode(shown.png))) as image:
        assert image.size == (shown.width, shown.height)
        return np.asarray(image)


def test_a_grey_image_between_its_ends() -> None:
    image = np.array([[[0, 4], [8, 16]]], np.uint8)
    assert pixels(picture(image, low=0, high=16)).tolist() == [[0, 64], [128, 255]]
    assert pixels(picture(image, low=3, high=3)).tolist() == [[0, 255], [255, 255]], "a single brightness"


def test_colours_and_other_channels() -> None:
    image = np.zeros((3, 2, 2), np.float32)
    image[0] = 1
    assert pixels(picture(image, low=0, high=1))[0, 0].tolist() == [255, 0, 0]
    assert pixels(picture(image[:2], low=0, high=1)).tolist() == [[128, 128], [128, 128]], "the mean of two channels"


@pytest.mark.parametrize(("height", "width"), [(300, 200), (97, 96), (4, 500), (96, 96)])
def test_large_images_are_averaged(height: int, width: int) -> None:
    image = np.ones((1, height, width))
    small = shrunk(image, LARGEST)
    assert max(small.shape[1:]) <= LARGEST
    assert min(small.shape[1:]) >= 1
    assert (small == 1).all()


def test_what_pixels_contribute_is_summed_over_channels_and_shrunk_as_the_picture_is() -> None:
    image, contributions = np.ones((3, 200, 200)), np.zeros((3, 200, 200))
    contributions[:2, :100] = 1.0
    contributions[2, :100] = -3.0
    contributions[0, 100:] = 1.0
    found = pixels(picture_overlay(image, contributions, low=0, high=1))
    assert found.shape == (*pixels(picture(image, low=0, high=1)).shape[:2], 3)
    assert found[0, 0].argmax() == 0, "orange"
    assert found[-1, 0].argmax() == 2, "blue"
