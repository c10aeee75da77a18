"""Sounds as spectrograms."""

import numpy as np

from nas.data.shown.spectrograms import FRAMES, ROWS, short_time_powers, spectrogram, spectrogram_overlay
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


def test_what_a_tone_contributes_is_in_colour_at_its_frequency() -> None:
    """A gradient along one of two tones raises the answer by it, and by nothing of the other."""
    times = np.arange(RATE) / RATE
    low, high = (np.sin(2 * np.pi * frequency * times)[None] for frequency in (500, 3000))
    for sign, channel in ((1.0, 2), (-1.0, 0)):
        found = pixels(spectrogram_overlay(low + high, sign * low, rate=RATE)).astype(int)
        assert found.shape == (ROWS, FRAMES, 3)
        strength = np.ptp(found, axis=2)
        assert (np.abs(strength.argmax(axis=0) - 0.875 * ROWS) <= 2).all()
        assert found[strength.argmax(axis=0), np.arange(FRAMES)].argmax(axis=1).tolist() == [channel] * FRAMES
        assert strength[: ROWS // 2].max() < 10


def test_a_small_one() -> None:
    shown = spectrogram(np.ones((1, RATE), np.float32), rate=RATE, frames=10, rows=7)
    assert (shown.width, shown.height) == (10, 7)
