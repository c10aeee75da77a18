"""Sounds as spectrograms."""

import numpy as np

from nas.data.shown.spectrograms import FRAMES, ROWS, short_time_powers, spectrogram
from tests.data.shown.test_pictures import pixels

RATE = 8000


def test_a_tone_is_a_line_at_its_frequency() -> None:
    """One of a quarter of half the rate is a quarter of the height from the bottom."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)[None].astype(np.float32)
    shown = pixels(spectrogram(tone, rate=RATE))
    assert shown.shape == (ROWS, FRAMES)
    brightest = shown.argmax(axis=0)
    assert (np.abs(brightest - 0.75 * ROWS) <= 2).all()


def test_a_sound_that_begins_late_is_dark_before() -> None:
    sound = np.zeros((1, RATE), np.float32)
    sound[0, RATE // 2 :] = np.random.default_rng(0).normal(size=RATE // 2)
    shown = pixels(spectrogram(sound, rate=RATE))
    assert shown[:, : FRAMES // 2 - 3].max() == 0
    assert shown[:, FRAMES // 2 + 3 :].mean() > 150


def test_short_and_silent_sounds() -> None:
    assert short_time_powers(np.ones(5), window=16, frames=10).shape == (1, 9)
    assert short_time_powers(np.ones(18), window=16, frames=10).shape == (3, 9)
    assert spectrogram(np.zeros((1, 50), np.float32), rate=RATE).width == 1
