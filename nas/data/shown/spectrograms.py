"""Sounds as spectrograms."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.shown.overlays import overlay
from nas.data.shown.png import encoded
from nas.data.shown.records import Picture

WINDOW_SECONDS = 0.025
FRAMES, ROWS = 96, 64
RANGE_DB = 70.0
"""Powers this far below the highest one are black."""


def spectrogram(waveform: NDArray[Any], *, rate: int, frames: int = FRAMES, rows: int = ROWS) -> Picture:
    """The spectrogram of a sound: time to the right, frequency upwards to half the rate, power in decibels.

    Args:
        waveform: `(1, L)`.
        rate: samples a second.
        frames, rows: the largest width and height of the picture.
    """
    spectra = short_time_spectra(waveform[0], window=_window(rate), frames=frames)
    return encoded(_brightness(spectra, rows)[:, :, None])


def spectrogram_overlay(waveform: NDArray[Any], gradients: NDArray[Any], *, rate: int) -> Picture:
    """The spectrogram of a sound with what its times and frequencies contribute to an answer in colour (`overlay`).

    A sound is the sum of the waves in its frames, so the contribution of a frequency in a frame is that of its wave:
    the product with the gradient, `Re(X · conj(G))` of their spectra but for a factor (as in Vielhaben, Lapuschkin,
    Montavon & Samek 2024, Explainable AI for Time Series via Virtual Inspection Layers).

    Args:
        waveform: `(1, L)`.
        gradients: of the answer, with respect to the waveform, or their mean on the way from silence, `(1, L)`.
        rate: samples a second.
    """
    found, slopes = (short_time_spectra(one[0], window=_window(rate), frames=FRAMES) for one in (waveform, gradients))
    return overlay(_brightness(found, ROWS), _bands((found * slopes.conj()).real, ROWS))


def short_time_powers(waveform: NDArray[Any], *, window: int, frames: int) -> NDArray[np.float64]:
    """The power of `short_time_spectra`."""
    return np.asarray(np.abs(short_time_spectra(waveform, window=window, frames=frames)) ** 2)


def short_time_spectra(waveform: NDArray[Any], *, window: int, frames: int) -> NDArray[np.complex128]:
    """The spectra `(frames, window / 2 + 1)` of frames spread evenly over a waveform `(L,)`, under a Hann window.

    A waveform shorter than the window is padded with zeros, and there are no more frames than places for them.
    """
    padded = np.pad(waveform.astype(np.float64), (0, max(0, window - len(waveform))))
    last = len(padded) - window
    starts = np.linspace(0, last, min(frames, last + 1)).astype(np.intp)
    pieces = padded[starts[:, None] + np.arange(window)] * np.hanning(window)
    return np.asarray(np.fft.rfft(pieces, axis=1))


def _window(rate: int) -> int:
    return max(8, round(WINDOW_SECONDS * rate))


def _brightness(spectra: NDArray[np.complex128], rows: int) -> NDArray[np.float64]:
    """The powers of bands in decibels, as brightnesses in [0, 1], `(bands, frames)`."""
    level = 10 * np.log10(np.maximum(_bands(np.abs(spectra) ** 2, rows), 1e-20))
    return np.asarray(np.clip(1 + (level - level.max()) / RANGE_DB, 0, 1))


def _bands(values: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    """The means of values `(frames, frequencies)` in at most `rows` bands, the highest first, `(bands, frames)`."""
    edges = np.linspace(0, values.shape[1], min(rows, values.shape[1]) + 1).astype(np.intp)
    return np.asarray((np.add.reduceat(values, edges[:-1], axis=1) / np.diff(edges)).T[::-1])
