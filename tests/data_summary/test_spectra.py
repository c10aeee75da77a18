"""Energies of frequency bands."""

import numpy as np

from nas.data_summary.spectra import BandEnergies


def test_a_higher_tone_has_its_energy_in_a_higher_band() -> None:
    rate = 8000
    time = np.arange(rate) / rate
    tones = np.stack([np.sin(2 * np.pi * pitch * time) for pitch in (200, 800, 3000)])[:, None].astype(np.float32)
    features = BandEnergies(rate)(tones)
    assert features.dtype == np.float32
    loudest = features.reshape(3, BandEnergies.pieces, -1).mean(axis=1).argmax(axis=1)
    assert loudest[0] < loudest[1] < loudest[2]
