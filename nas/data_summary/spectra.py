"""Features of sounds without torch: the energies of frequency bands over time."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.data.shown.spectrograms import WINDOW_SECONDS, short_time_powers
from nas.data_summary.blocks import blocks


class BandEnergies:
    """Logarithms of the energies of a sound, in 32 bands whose width grows with their frequency, and 16 pieces of time.

    Args:
        rate: samples a second.
    """

    pieces: ClassVar[int] = 16
    bands: ClassVar[int] = 32
    frames: ClassVar[int] = 64

    def __init__(self, rate: int) -> None:
        self._window = max(64, round(WINDOW_SECONDS * rate))

    def __call__(self, inputs: Any) -> NDArray[np.float32]:
        """The features of waveforms `(N, 1, L)`, `(N, size)`."""
        rows = [self._energies(one[0]) for block in blocks(inputs, np.arange(len(inputs))) for one in block]
        return np.stack(rows)

    def _energies(self, waveform: NDArray[Any]) -> NDArray[np.float32]:
        powers = short_time_powers(waveform, window=self._window, frames=self.frames)
        edges = np.unique(np.geomspace(1, powers.shape[1], self.bands + 1).astype(np.intp))[:-1]
        bands = np.add.reduceat(powers, edges, axis=1)
        starts = np.unique(np.linspace(0, len(bands), self.pieces, endpoint=False).astype(np.intp))
        return np.log(np.add.reduceat(bands, starts, axis=0) + 1e-8).ravel().astype(np.float32)
