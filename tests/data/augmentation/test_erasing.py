"""What is cut out of images: its size, its place and its value."""

import pytest
import torch
from torch import Tensor

from nas.data.augmentation.erasing import along, cutout, erase
from tests.data.augmentation.batch import seeded

MEAN = torch.tensor([7.0, 9.0]).view(2, 1, 1)


def _holes(changed: Tensor) -> list[tuple[slice, slice]]:
    """The rectangle that was cut out of each image of ones, after a check that it is one, in all channels."""
    found = []
    for image in changed:
        hole = image[0] != 1
        assert torch.equal(hole, image[1] != 1)
        rows, columns = hole.any(1).nonzero().flatten().tolist(), hole.any(0).nonzero().flatten().tolist()
        place = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        assert hole[place].all()
        assert hole.sum() == hole[place].numel()
        assert (image[:, *place] == MEAN).all()
        found.append(place)
    return found


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_cutout_is_a_square_around_a_pixel_of_which_a_part_may_be_outside(dtype: torch.dtype) -> None:
    images = torch.ones(600, 2, 6, 9, dtype=dtype)
    changed = cutout(images, 4, MEAN, seeded())
    assert changed.dtype == dtype
    sizes = set()
    centres = set()
    for rows, columns in _holes(changed):
        sizes.add((rows.stop - rows.start, columns.stop - columns.start))
        centres.add((min(rows.start + 2, rows.stop), min(columns.start + 2, columns.stop)))
    assert sizes == {(height, width) for height in (2, 3, 4) for width in (2, 3, 4)}
    assert len(centres) > 20, "places are random"


def test_a_large_square_covers_the_image() -> None:
    assert (cutout(torch.ones(5, 2, 6, 6), 100, MEAN, seeded()) == MEAN).all()


def test_erasing() -> None:
    images = torch.ones(1000, 2, 60, 40)
    changed = erase(images, 0.25, MEAN, seeded())
    erased = (changed != 1).flatten(1).any(1)
    # A binomial of 1000: 250 ± 6 standard deviations; the seed is fixed.
    assert abs(erased.sum().item() - 250) < 82
    sides = [(r.stop - r.start, c.stop - c.start) for r, c in _holes(erase(images, 1, MEAN, seeded(1)))]
    areas = [height * width / 2400 for height, width in sides]
    assert 0.015 < min(areas) < 0.03
    assert 0.30 < max(areas) < 0.35
    ratios = [width / height for height, width in sides]
    assert 0.25 < min(ratios) < 0.4
    assert 2.5 < max(ratios) < 4
    assert torch.equal(erase(images, 0, MEAN, seeded()), images)


def test_places_along_an_axis() -> None:
    found = along(torch.zeros(2, 1, 5), 2, torch.tensor([[0], [3]]), torch.tensor([[2], [9]]))
    assert found.shape == (2, 1, 5)
    assert found[:, 0].tolist() == [[True, True, False, False, False], [False, False, False, True, True]]
