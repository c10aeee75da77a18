"""Changes of colours, held against those of Pillow."""

import numpy as np
import pytest
import torch
from PIL import ImageEnhance, ImageFilter, ImageOps
from torch import Tensor

from nas.data.augmentation.colours import Colours, equalized, grey, jitter, mean_grey, smoothed, stretched
from tests.data.augmentation.batch import COLOURS, seeded
from tests.data.augmentation.pillow import pictures, tensor


def test_degenerate_images_are_those_of_pillow(photographs: Tensor) -> None:
    """Within the rounding to integers."""
    images = photographs.float()
    for mine, theirs in (
        (grey(images).expand(-1, 3, -1, -1), [one.convert("L").convert("RGB") for one in pictures(photographs)]),
        (smoothed(images), [one.filter(ImageFilter.SMOOTH) for one in pictures(photographs)]),
        (
            mean_grey(images).expand_as(images),
            [ImageEnhance.Contrast(one).enhance(0) for one in pictures(photographs)],
        ),
    ):
        assert (mine - tensor(theirs)).abs().max() <= 1


def test_autocontrast_and_equalize_are_those_of_pillow(photographs: Tensor) -> None:
    images = photographs.float() / 255
    contrast = tensor([ImageOps.autocontrast(one) for one in pictures(photographs)])
    assert (stretched(images) * 255 - contrast).abs().max() < 1.001
    equal = tensor([ImageOps.equalize(one) for one in pictures(photographs)])
    assert (equalized(images) * 255 - equal).abs().max() < 1e-3


def test_constant_channels_stay() -> None:
    flat = torch.full((2, 3, 4, 4), 0.4)
    assert torch.equal(stretched(flat), flat)
    assert torch.equal(equalized(flat), flat)
    assert torch.equal(smoothed(flat[..., :2]), flat[..., :2])


@pytest.mark.parametrize(
    ("which", "enhancer"),
    [
        ("brightness", ImageEnhance.Brightness),
        ("contrast", ImageEnhance.Contrast),
        ("saturation", ImageEnhance.Color),
    ],
)
def test_changes_are_those_of_pillow_by_a_factor_of_the_range(photographs: Tensor, which: str, enhancer: type) -> None:
    most = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, which: 0.6}
    changed = jitter(photographs, seeded(), **most, colours=COLOURS)
    factors = []
    for picture, found in zip(pictures(photographs), changed, strict=True):
        distances = {
            factor: (tensor([enhancer(picture).enhance(factor)])[0] - found).abs().max().item()
            for factor in np.arange(0.4, 1.6, 0.01)
        }
        factors.append(min(distances, key=distances.__getitem__))
        assert distances[factors[-1]] < 4
    assert len({round(factor, 2) for factor in factors}) > 4, "each image has a factor of its own"


def test_values_stay_between_black_and_white() -> None:
    """Also where black is below 0, as in data that were standardised."""
    images = torch.randn(50, 1, 6, 6, generator=seeded())
    colours = Colours(images.min(), images.max())
    changed = jitter(images, seeded(), brightness=1, contrast=1, saturation=0, colours=colours)
    assert changed.min() >= colours.black
    assert changed.max() <= colours.white
    assert (changed - images).abs().max() > 0.5


def test_other_channels_than_three_have_their_mean_as_grey() -> None:
    images = torch.rand(2, 4, 3, 3)
    assert torch.equal(grey(images), images.mean(dim=1, keepdim=True))
