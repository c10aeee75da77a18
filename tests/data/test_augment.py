"""Augmentation: what it does to known batches, and that it does nothing else."""

import itertools

import pytest
import torch
from torch.nn import functional

from nas.data import Augment

SHAPES = [(9,), (3, 8), (2, 6, 5)]


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _batch(shape: tuple[int, ...], dtype: torch.dtype = torch.float32, count: int = 64) -> torch.Tensor:
    return torch.randint(1, 200, (count, *shape), generator=_generator(7)).to(dtype)


@pytest.mark.parametrize("augment", [Augment(), Augment(shift=2), Augment(flip=True), Augment(shift=1, flip=True)])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float16])
def test_shape_and_type_stay_and_the_batch_is_left_alone(
    augment: Augment, shape: tuple[int, ...], dtype: torch.dtype
) -> None:
    batch = _batch(shape, dtype)
    before = batch.clone()
    after = augment(batch, _generator())
    assert (after.shape, after.dtype) == (batch.shape, batch.dtype)
    assert torch.equal(batch, before)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_default_does_nothing(shape: tuple[int, ...]) -> None:
    batch = _batch(shape)
    assert torch.equal(Augment()(batch, _generator()), batch)


def test_flat_samples_stay_as_they_are_and_sequences_are_not_mirrored() -> None:
    flat, sequences = _batch((9,)), _batch((3, 8))
    assert torch.equal(Augment(shift=3, flip=True)(flat, _generator()), flat)
    assert torch.equal(Augment(flip=True)(sequences, _generator()), sequences)


@pytest.mark.parametrize(("most", "count"), [(1, 400), (2, 50), (7, 20)])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_an_image_is_moved_by_at_most_so_many_pixels_and_zeros_come_in(
    most: int, count: int, dtype: torch.dtype
) -> None:
    batch = _batch((2, 6, 5), dtype, count=count)
    moves = list(itertools.product(range(-most, most + 1), repeat=2))
    seen: set[tuple[int, int]] = set()
    for before, after in zip(batch, Augment(shift=most)(batch, _generator()), strict=True):
        wide = functional.pad(before, (most, most, most, most))
        fitting = [(y, x) for y, x in moves if torch.equal(wide[:, most - y :, most - x :][:, :6, :5], after)]
        # Moved out of the picture altogether there may be several.
        assert fitting
        seen.update(fitting if len(fitting) == 1 else ())
    if most == 1:
        # Each of 9 moves has a chance of 1/9; that one does not come in 400 draws: 9 · (8/9)^400 < 1e-19.
        assert seen == set(moves)


def test_a_sequence_is_moved_along_its_length_only() -> None:
    batch = torch.arange(1, 9).float().expand(100, 3, 8)
    for sample in Augment(shift=1)(batch, _generator()):
        assert all(torch.equal(row, sample[0]) for row in sample)
        assert sample[0].tolist() in ([1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 4, 5, 6, 7, 8, 0], [0, 1, 2, 3, 4, 5, 6, 7])


def test_a_flip_is_a_mirror_from_left_to_right() -> None:
    batch = _batch((2, 6, 5), count=400)
    flipped = 0
    for before, after in zip(batch, Augment(flip=True)(batch, _generator()), strict=True):
        mirror = torch.equal(after, before.flip(-1))
        assert mirror or torch.equal(after, before)
        flipped += mirror
    # Binomial(400, 1/2) leaves this range with a chance below 1e-6, once and for all, since the seed is fixed.
    assert 150 < flipped < 250


@pytest.mark.parametrize("augment", [Augment(shift=2), Augment(flip=True), Augment(shift=1, flip=True)])
def test_the_generator_decides_everything(augment: Augment) -> None:
    batch = _batch((2, 6, 5))
    state = torch.get_rng_state()
    once = augment(batch, _generator(1))
    torch.rand(3)
    again, other = augment(batch, _generator(1)), augment(batch, _generator(2))
    assert torch.equal(once, again)
    assert not torch.equal(once, other)
    torch.set_rng_state(state)
    augment(batch, _generator(1))
    assert torch.equal(torch.get_rng_state(), state), "the global generator was used"


def test_samples_are_moved_each_by_itself() -> None:
    batch = _batch((2, 6, 5), count=1).expand(200, -1, -1, -1)
    assert len({tuple(image.flatten().tolist()) for image in Augment(shift=1)(batch, _generator())}) == 9
