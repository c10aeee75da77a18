"""Noise, gain and masks of sounds and series."""

import pytest
import torch

from nas.data.augmentation.signals import gain, noise, own_std, time_mask
from tests.data.augmentation.batch import seeded


def test_noise_has_a_fraction_of_the_standard_deviation_of_each_sample() -> None:
    loud = torch.tensor([0.01, 1.0, 100.0]).view(3, 1, 1)
    sounds = loud * torch.randn(3, 1, 4000, generator=seeded(1))
    assert torch.allclose(own_std(sounds), loud, rtol=0.1)
    added = noise(sounds, 0.3, own_std(sounds), seeded()) - sounds
    assert (added.std(dim=2, keepdim=True) / loud).flatten().tolist() == pytest.approx([0.3] * 3, rel=0.1)
    assert (added.mean(dim=2, keepdim=True) / loud).abs().max() < 0.05
    assert torch.corrcoef(torch.cat([sounds[:, 0], added[:, 0]]))[0, 1:].abs().max() < 0.1


def test_silence_stays() -> None:
    silence = torch.zeros(2, 1, 10)
    assert torch.equal(noise(silence, 0.5, own_std(silence), seeded()), silence)


def test_gain_is_in_decibels() -> None:
    sounds = torch.ones(1000, 2, 3)
    changed = gain(sounds, 6, seeded())
    decibels = 20 * changed[:, 0, 0].log10()
    assert (changed == changed[:, :1, :1]).all()
    assert -6 <= decibels.min() < -5.9
    assert 5.9 < decibels.max() <= 6
    assert abs(decibels.mean().item()) < 0.5


def test_a_section_is_masked_by_the_mean() -> None:
    mean = torch.tensor([3.0, 4.0]).view(2, 1)
    masked = time_mask(torch.ones(500, 2, 20), 0.25, mean, seeded())
    lengths, starts = set(), set()
    for sample in masked:
        places = (sample[0] != 1).nonzero().flatten().tolist()
        lengths.add(len(places))
        if places:
            assert places == list(range(places[0], places[-1] + 1))
            assert (sample[:, places] == mean).all()
            starts.add(places[0])
    assert lengths == {0, 1, 2, 3, 4, 5}
    assert starts == set(range(20))
    assert (time_mask(torch.ones(500, 2, 20), 1, mean, seeded()) == mean).all(dim=2).any()
