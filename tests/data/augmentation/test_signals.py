"""Noise, gain and masks of sounds and series."""

import pytest
import torch

from nas.data.augmentation.signals import gain, noise, own_std, speed, time_mask
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


def test_speed_is_a_factor_about_the_middle() -> None:
    times = torch.arange(4000) / 8000
    tones = torch.sin(2 * torch.pi * 500 * times).expand(200, 1, -1)
    changed = speed(tones, 0.25, seeded())[:, 0]
    crossings = (changed[:, 1501:2500] * changed[:, 1500:2499] < 0).sum(dim=1) / (2 * 500 * 1000 / 8000)
    assert 0.78 < crossings.min() < 0.83
    assert 1.2 < crossings.max() < 1.27
    assert abs(crossings.log().mean().item()) < 0.03
    faster = changed[crossings > 1.1]
    assert (faster[:, :100] == 0).all()
    assert (faster[:, -100:] == 0).all()
    assert faster[:, 500:600].abs().max(dim=1).values.min() > 0.7


def test_a_ramp_is_interpolated() -> None:
    ramp = torch.linspace(-1, 1, 51).expand(64, 2, 51)
    changed = speed(ramp, 0.2, seeded())
    factors = changed[:, :1, 30:31] / ramp[0, 0, 30]
    assert torch.allclose(changed[:, :, 6:-6], factors * ramp[:, :, 6:-6], atol=1e-6)
    assert 1 / 1.2 - 1e-5 <= factors.min() < 0.86
    assert 1.17 < factors.max() <= 1.2 + 1e-5


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
