"""Random numbers of samples: their ranges and distributions."""

import pytest
import torch

from nas.data.augmentation.draws import as_floats, beta, chosen, filled, for_each, uniform
from tests.data.augmentation.batch import batch_of, seeded

MANY = torch.zeros(4000, 1)


def test_uniform() -> None:
    drawn = uniform(MANY, -2, 5, seeded())
    assert drawn.shape == (4000,)
    assert -2 <= drawn.min() < -1.98
    assert 4.98 < drawn.max() < 5


def test_chosen() -> None:
    # A binomial of 4000: 6 standard deviations about the mean; the seed is fixed.
    assert abs(chosen(MANY, 0.3, seeded()).sum().item() - 1200) < 6 * (4000 * 0.3 * 0.7) ** 0.5
    assert not chosen(MANY, 0, seeded()).any()
    assert chosen(MANY, 1, seeded()).all()


@pytest.mark.parametrize("alpha", [0.001, 0.2, 1, 8.0])
def test_beta(alpha: float) -> None:
    """The mean is 1/2, and the variance 1 / (4 (2α + 1))."""
    drawn = beta(MANY, alpha, seeded())
    assert drawn.isfinite().all()
    assert 0 <= drawn.min() <= drawn.max() <= 1
    assert drawn.mean().item() == pytest.approx(0.5, abs=0.05)
    assert drawn.var().item() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.1)


def test_values_fit_a_batch() -> None:
    assert for_each(torch.arange(3), torch.zeros(3, 2, 4, 5)).shape == (3, 1, 1, 1)
    assert for_each(torch.arange(3), torch.zeros(3, 2)).shape == (3, 1)


def test_types() -> None:
    images = batch_of((1, 2, 2), torch.uint8)
    assert as_floats(images).dtype == torch.float32
    assert as_floats(images.half()).dtype == torch.float16


def test_the_mean_is_rounded_for_integers() -> None:
    where = torch.ones(1, 1, 1, 1, dtype=torch.bool)
    mean = torch.tensor([1.6, 2.4]).view(2, 1, 1)
    assert filled(torch.zeros(1, 2, 1, 1, dtype=torch.uint8), where, mean).flatten().tolist() == [2, 2]
    assert filled(torch.zeros(1, 2, 1, 1), where, mean).flatten().tolist() == pytest.approx([1.6, 2.4])
