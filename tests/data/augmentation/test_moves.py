"""Mirrored and shifted samples: what happens to known batches, and that nothing else does."""

import hashlib
import itertools

import pytest
import torch
from torch.nn import functional

from nas.data.augmentation.moves import flip, shift
from tests.data.augmentation.batch import batch_of, seeded

SHAPES = [(3, 8), (2, 6, 5)]


@pytest.mark.parametrize(("most", "count"), [(1, 400), (2, 50), (7, 20)])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_an_image_is_moved_by_at_most_so_many_pixels_and_zeros_come_in(
    most: int, count: int, dtype: torch.dtype
) -> None:
    batch = batch_of((2, 6, 5), dtype, count=count)
    moves = list(itertools.product(range(-most, most + 1), repeat=2))
    seen: set[tuple[int, int]] = set()
    for before, after in zip(batch, shift(batch, most, seeded()), strict=True):
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
    for sample in shift(batch, 1, seeded()):
        assert all(torch.equal(row, sample[0]) for row in sample)
        assert sample[0].tolist() in ([1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 4, 5, 6, 7, 8, 0], [0, 1, 2, 3, 4, 5, 6, 7])


def test_a_flip_is_a_mirror_from_left_to_right() -> None:
    batch = batch_of((2, 6, 5), count=400)
    flipped = 0
    for before, after in zip(batch, flip(batch, seeded()), strict=True):
        mirror = torch.equal(after, before.flip(-1))
        assert mirror or torch.equal(after, before)
        flipped += mirror
    # Binomial(400, 1/2) leaves this range with a chance below 1e-6, once and for all, since the seed is fixed.
    assert 150 < flipped < 250


def test_samples_are_moved_each_by_itself() -> None:
    batch = batch_of((2, 6, 5), count=1).expand(200, -1, -1, -1)
    assert len({tuple(image.flatten().tolist()) for image in shift(batch, 1, seeded())}) == 9


def test_results_of_recorded_runs_do_not_change() -> None:
    """The digests are of the first version. Change them only together with a note in the changelog."""
    digests = []
    for shape in SHAPES:
        batch = batch_of(shape, torch.uint8)
        generator = seeded()
        moved = shift(flip(batch, generator) if len(shape) == 3 else batch, 1, generator)
        digests.append(hashlib.sha256(moved.contiguous().numpy().tobytes()).hexdigest()[:16])
    assert digests == ["f6d48957c82f1b92", "36906d336f4ef04c"]
