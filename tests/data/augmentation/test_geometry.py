"""Affine maps of images: known ones move pixels exactly, random ones stay within their bounds."""

import math

import pytest
import torch

from nas.data.augmentation.geometry import crop_and_rotate, identity, resampled, rotation
from tests.data.augmentation.batch import batch_of, seeded


def test_the_identity_moves_nothing() -> None:
    batch = batch_of((2, 6, 5), count=4)
    torch.testing.assert_close(resampled(batch, identity(batch)), batch, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_quarter_turns_are_counter_clockwise(turns: int) -> None:
    batch = batch_of((2, 6, 6), count=3)
    turned = resampled(batch, rotation(batch, torch.full((3,), turns * math.pi / 2)))
    torch.testing.assert_close(turned, batch.rot90(turns, (2, 3)), rtol=1e-5, atol=2e-2)


def test_a_rotation_keeps_distances_where_images_are_not_square() -> None:
    """Half a turn of a point beside the centre takes it to the other side; a quarter turns a row into a column."""
    image = torch.zeros(1, 1, 5, 9)
    image[0, 0, 2, 6] = 100
    turned = resampled(image, rotation(image, torch.tensor([math.pi / 2])))
    expected = torch.zeros(1, 1, 5, 9)
    expected[0, 0, 0, 4] = 100
    torch.testing.assert_close(turned, expected, rtol=1e-4, atol=1e-2)


def test_zeros_come_in() -> None:
    batch = torch.full((200, 1, 9, 9), 100.0)
    turned = crop_and_rotate(batch, 1, 45, seeded())
    assert turned.min() == 0
    assert (turned[:, :, 4, 4] - 100).abs().max() < 1e-2
    assert (turned[:, :, 0, 0] < 99).float().mean() > 0.5


def test_angles_are_at_most_so_large() -> None:
    """A point right of the centre moves along a circle; where it lands, says by which angle."""
    image = torch.zeros(500, 1, 41, 41)
    image[:, :, 18:23, 33:38] = 1
    turned = crop_and_rotate(image, 1, 30, seeded())
    places = torch.arange(41).float() - 20
    mass = turned.sum(dim=(1, 2, 3))
    across = (turned.sum(dim=2)[:, 0] @ places) / mass
    along = (turned.sum(dim=3)[:, 0] @ places) / mass
    angles = torch.atan2(-along, across) * 180 / math.pi
    assert -30.1 < angles.min() < -28
    assert 28 < angles.max() < 30.1
    assert (across**2 + along**2).sqrt().sub(15).abs().max() < 0.1


def test_crops_have_their_area_and_ratio_and_are_inside() -> None:
    """The values are the places from where they come."""
    size = 40
    places = torch.arange(size).float() + 1  # 0 comes in from outside
    image = torch.stack([places.expand(size, size), places[:, None].expand(size, size)]).expand(500, 2, size, size)
    cropped = crop_and_rotate(image, 0.25, 0, seeded())
    middle = cropped[:, :, 10:30, 10:30]
    across = (middle[:, 0, 0, -1] - middle[:, 0, 0, 0]) / 19
    along = (middle[:, 1, -1, 0] - middle[:, 1, 0, 0]) / 19
    area, ratio = across * along, across / along
    assert 0.24 < area.min() < 0.30
    assert 0.9 < area.max() <= 1.001
    assert 0.74 < ratio.min() < 0.80
    assert 1.25 < ratio.max() < 1.34
    assert across.max() <= 1.001
    assert along.max() <= 1.001
    # Nothing comes in from outside but by the interpolation of the outermost half pixel.
    assert cropped[:, :, 1:-1, 1:-1].min() >= 1
    assert crop_and_rotate(image, 1, 0, seeded()).sub(image).abs().max() < 1e-3
