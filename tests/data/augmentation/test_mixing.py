"""mixup and CutMix: what samples consist of, and that the shares say so."""

import pytest
import torch

from nas.data.augmentation.mixing import mixed
from tests.data.augmentation.batch import batch_of, seeded

SHAPES = [(3, 6, 5), (2, 12), (7,)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_mixup_is_the_weighted_sum(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    batch = batch_of(shape, dtype)
    found, partners = mixed(batch, 0.4, 0, seeded())
    for place in range(len(batch)):
        share, other = partners.shares[place], batch[partners.places[place]]
        torch.testing.assert_close(found[place], share * batch[place].float() + (1 - share) * other.float())
    assert sorted(partners.places.tolist()) == list(range(len(batch)))
    assert len(set(partners.shares.tolist())) > 60, "each sample has a share of its own"
    assert found.dtype == torch.float32


@pytest.mark.parametrize("shape", SHAPES[:2])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_cutmix_puts_a_rectangle_of_another_sample(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    batch = torch.arange(200, dtype=dtype).view(-1, *[1] * len(shape)).expand(-1, *shape)
    found, partners = mixed(batch, 0, 1, seeded())
    assert found.dtype == dtype
    sizes = set()
    for place in range(len(batch)):
        here = (found[place] != place) & (found[place] == partners.places[place])
        if partners.places[place] == place:
            continue
        assert torch.equal(here, here[:1].expand_as(here)), "in all channels alike"
        assert torch.equal(here, found[place] != place)
        assert partners.shares[place].item() == pytest.approx(1 - here.float().mean().item(), abs=1e-6)
        box = here[0].nonzero()
        if len(box):
            sides = (box.amax(0) - box.amin(0) + 1).tolist()
            sizes.add(tuple(sides))
            assert len(box) == torch.tensor(sides).prod(), "a rectangle"
    assert len(sizes) > 8
    # Of Beta(1, 1) the mean is 1/2; parts outside of the image raise it.
    assert 0.4 < partners.shares.mean() < 0.8


def test_of_both_each_sample_gets_one() -> None:
    batch = torch.arange(400.0).view(-1, 1, 1, 1).expand(-1, 1, 8, 8)
    found, partners = mixed(batch, 1, 1, seeded())
    summed = (found == found[:, :, :1, :1]).flatten(1).all(1) & (found[:, 0, 0, 0] % 1 != 0)
    # A binomial of 400: 200 ± 6 standard deviations; the seed is fixed.
    assert abs(summed.sum().item() - 200) < 60
    expected = partners.shares * torch.arange(400) + (1 - partners.shares) * partners.places
    torch.testing.assert_close(found.mean(dim=(1, 2, 3)), expected, rtol=1e-4, atol=1e-2)


def test_a_small_alpha_mixes_little() -> None:
    _, partners = mixed(batch_of((3, 4, 4), count=500), 0.01, 0, seeded())
    assert ((partners.shares < 0.01) | (partners.shares > 0.99)).float().mean() > 0.9
