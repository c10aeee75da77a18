"""RandAugment and TrivialAugment: each operation does what Pillow's does, and all of them are drawn."""

import math

import pytest
import torch
from PIL import ImageEnhance, ImageOps
from torch import Tensor

from nas.data.augmentation import policies
from nas.data.augmentation.colours import Colours
from nas.data.augmentation.draws import chosen, for_each
from nas.data.augmentation.policies import (
    ONE_WAY,
    OPERATIONS,
    RAND_AUGMENT,
    TRIVIAL_AUGMENT,
    changed,
    rand_augment,
    trivial_augment,
)
from tests.data.augmentation.batch import COLOURS, batch_of, seeded
from tests.data.augmentation.pillow import pictures, tensor


def test_there_are_the_fourteen_of_the_papers() -> None:
    assert len(OPERATIONS) == len(set(OPERATIONS)) == 14
    assert OPERATIONS[-4:] == ONE_WAY


def _after(name: str, images: Tensor, strength: float, ranges: policies.Ranges = RAND_AUGMENT) -> Tensor:
    """Images after an operation in the direction of the sign of its strength."""
    found = images.float()
    for seed in range(8):
        which = torch.full((len(images),), OPERATIONS.index(name))
        both = torch.full((len(images),), abs(strength))
        one = changed(images.float(), which, both, ranges, COLOURS, seeded(seed))
        signs = chosen(images, 0.5, seeded(seed)) == (strength >= 0)
        found = torch.where(for_each(signs, images), one, found)
    return found


@pytest.mark.parametrize("strength", [-1.0, -0.3, 0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    ("name", "enhancer"),
    [
        ("brightness", ImageEnhance.Brightness),
        ("contrast", ImageEnhance.Contrast),
        ("saturation", ImageEnhance.Color),
        ("sharpness", ImageEnhance.Sharpness),
    ],
)
def test_enhancements(photographs: Tensor, name: str, enhancer: type, strength: float) -> None:
    theirs = tensor([enhancer(one).enhance(1 + 0.9 * strength) for one in pictures(photographs)])
    assert (_after(name, photographs, strength) - theirs).abs().max() < 3


@pytest.mark.parametrize(("strength", "bits"), [(0.0, 8), (0.3, 7), (0.5, 6), (1.0, 4)])
def test_posterize(photographs: Tensor, strength: float, bits: int) -> None:
    theirs = tensor([ImageOps.posterize(one, bits) for one in pictures(photographs)])
    assert (_after("posterize", photographs, strength) - theirs).abs().max() < 1e-3


@pytest.mark.parametrize("strength", [0.1, 0.5, 0.9])
def test_solarize(photographs: Tensor, strength: float) -> None:
    threshold = math.ceil(255 * (1 - strength))
    theirs = tensor([ImageOps.solarize(one, threshold) for one in pictures(photographs)])
    assert (_after("solarize", photographs, strength) - theirs).abs().max() < 1e-3


@pytest.mark.parametrize("sign", [-1, 1])
def test_moves(sign: int) -> None:
    """Of a ramp, whose values are the places from where they come: (x, y) from 1."""
    size = 331  # a shift at full strength is 150 pixels, a shear moves by 0.3 pixels for each
    places = torch.arange(size).float()
    ramp = torch.stack([places.expand(size, size), places[:, None].expand(size, size)])[None]
    middle = (slice(None), slice(None), slice(160, 170), slice(160, 170))
    for name, expected in (
        ("translate_x", (150.0 * sign, 0.0)),
        ("translate_y", (0.0, 150.0 * sign)),
        ("shear_x", (0.3 * sign * 165, 0.0)),
        ("shear_y", (0.0, 0.3 * sign * 165)),
    ):
        moved = (_after(name, ramp, float(sign)) - ramp)[middle].mean(dim=(0, 2, 3))
        assert moved.tolist() == pytest.approx(expected, abs=0.5), name
    turned = _after("rotate", ramp, sign / 3)[0, :, 165, 265]
    assert turned.tolist() == pytest.approx(
        [165 + 100 * math.cos(math.pi / 18), 165 + sign * 100 * math.sin(math.pi / 18)], abs=0.1
    )


def test_shifts_of_trivial_augment_are_at_most_the_image() -> None:
    for size, expected in ((64, 32), (8, 8)):
        image = torch.ones(1, 1, size, size)
        moved = _after("translate_x", image, 1.0, TRIVIAL_AUGMENT)
        assert size - moved[0, 0, 0].count_nonzero() == expected


@pytest.mark.parametrize("shape", [(3, 12, 10), (1, 8, 8)])
def test_choosing_by_images_is_choosing_among_all(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int, int]) -> None:
    """As on CUDA, where each operation is computed for the whole batch."""
    images = batch_of(shape, count=300)
    which = torch.arange(300) % 14
    strength = torch.rand(300, generator=seeded())
    found = changed(images, which, strength, RAND_AUGMENT, COLOURS, seeded(1))
    monkeypatch.setattr(policies, "COUNTED", ())
    again = changed(images, which, strength, RAND_AUGMENT, COLOURS, seeded(1))
    torch.testing.assert_close(found, again, rtol=1e-5, atol=1e-3)
    assert torch.equal(found[which == 0], images[which == 0])


def test_all_operations_are_drawn_for_each_image_by_itself() -> None:
    """Of 1400 images each has one of 14 with equal chances: 100 each, ± 6 standard deviations; the seed is fixed."""
    image = batch_of((3, 20, 18), count=1)
    images = image.expand(1400, -1, -1, -1)
    found = rand_augment(images, 1, 20, COLOURS, seeded())
    kinds: dict[bytes, int] = {}
    for one in found:
        kinds[one.numpy().tobytes()] = kinds.get(one.numpy().tobytes(), 0) + 1
    assert len(kinds) == 14 + 9, "nine have two directions"
    assert 100 - 58 < kinds[image[0].numpy().tobytes()] < 100 + 58


def test_magnitude_and_number_of_operations() -> None:
    images = batch_of((3, 12, 10), count=200)

    def distance(operations: int, magnitude: int) -> float:
        return (rand_augment(images, operations, magnitude, COLOURS, seeded()) - images).abs().mean().item()

    assert distance(1, 3) < distance(1, 15) < distance(1, 30) < distance(4, 30)


def test_strengths_of_trivial_augment_are_random() -> None:
    image = batch_of((3, 12, 10), count=1)
    found = trivial_augment(image.expand(1000, -1, -1, -1), COLOURS, seeded())
    assert len({one.numpy().tobytes() for one in found}) > 200


def test_black_and_white_are_those_of_the_data(photographs: Tensor) -> None:
    """In other units, the same happens, if 0 is black."""
    small = Colours(torch.tensor(0.0), torch.tensor(1.0))
    found = trivial_augment(photographs / 255, small, seeded())
    expected = trivial_augment(photographs, COLOURS, seeded()) / 255
    assert (found - expected).abs().mean() < 1e-3
