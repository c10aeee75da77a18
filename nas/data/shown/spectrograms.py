"""Sounds as spectrograms."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.shown.pictures import encoded
from nas.data.shown.records import Picture

WINDOW_SECONDS = 0.025
FRAMES, ROWS = 96, 64
RANGE_DB = 70.0
"""Powers this far below the highest one are black."""


def spectrogram(waveform: NDArray[Any], *, rate: int) -> Picture:
    """The spectrogram of a sound: time to the right, frequency upwards to half the rate, power in decibels.

    Args:
        waveform: `(1, L)`.
        rate: samples a second.
    """
    powers = short_time_powers(waveform[0], window=max(8, round(WINDOW_SECONDS * rate)), frames=FRAMES)
    rows = min(ROWS, powers.shape[1])
    edges = np.linspace(0, powers.shape[1], rows + 1).astype(np.intp)
    bands = np.add.reduceat(powers, edges[:-1], axis=1) / np.diff(edges)
    level = 10 * np.log10(np.maximum(bands, 1e-20))
    brightness = np.clip(1 + (level - level.max()) / RANGE_DB, 0, 1)
    return encoded(brightness.T[::-1, :, None])


def short_time_powers(waveform: NDArray[Any], *, window: int, frames: int) -> NDArray[np.float64]:
    """The power spectra `(frames, window / 2 + 1)` of frames spread evenly over a waveform `(L,)`, under a Hann window.

    A waveform shorter than the window is padded with zeros, and there are no more frames than places for them.
    """
    padded = np.pad(waveform.astype(np.float64), (0, max(0, window - len(waveform))))
    last = len(padded) - window
    starts = np.linspace(0, last, min(frames, last + 1)).astype(np.intp)
    pieces = padded[starts[:, None] + np.arange(window)] * np.hanning(window)
    return np.asarray(np.abs(np.fft.rfft(pieces, axis=1)) ** 2)
