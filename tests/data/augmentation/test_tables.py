"""Noise and swapped values of tables."""

import pytest
import torch

from nas.data.augmentation.tables import number_noise, swap
from tests.data.augmentation.batch import seeded


def test_noise_is_of_numbers_in_units_of_their_spread() -> None:
    rows = torch.zeros(4000, 4)
    std = torch.tensor([0.1, 1.0, 50.0, 3.0])
    found = number_noise(rows, 0.2, std, 3, seeded())
    assert found.std(dim=0)[:3].tolist() == pytest.approx([0.02, 0.2, 10.0], rel=0.1)
    assert (found[:, 3] == 0).all(), "codes of categories stay"
    assert number_noise(rows[:, 3:], 0.2, std[3:], 0, seeded()).eq(0).all()


def test_values_are_those_of_other_rows_in_the_same_column() -> None:
    rows = torch.arange(600).view(200, 3).float()
    found = swap(rows, 0.3, seeded())
    swapped = found != rows
    # A binomial of 600, of which 1 in 200 is swapped with itself: ± 6 standard deviations; the seed is fixed.
    assert abs(swapped.sum().item() - 179) < 68
    assert torch.equal(found.long() % 3, rows.long() % 3)
    assert len({tuple(row) for row in swapped.tolist()}) == 8, "each value by itself"
    assert torch.equal(swap(rows, 0, seeded()), rows)
