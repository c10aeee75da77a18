"""Sounds before their preparation: files, their contents, or samples in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.data.preparation.waveforms import check_rate
from nas.errors import UsageError


@dataclass(frozen=True, eq=False)
class RawSounds:
    """Sounds of any lengths, rates and numbers of channels, of which files are not read yet.

    Attributes:
        items: `(N,)` objects: the path of a file, the bytes of one, or samples `(L,)` or `(C, L)`.
        rates: of samples in memory, a second, `(N,)` int64; 0 for files.
        names: the name of each in errors, `(N,)` strings.
    """

    items: NDArray[np.object_]
    rates: NDArray[np.int64]
    names: NDArray[np.str_]

    @classmethod
    def of_files(cls, paths: Sequence[Path]) -> Self:
        """Sounds in files."""
        return cls(_held(paths), np.zeros(len(paths), np.int64), np.array([str(path) for path in paths], str))

    @classmethod
    def of_samples(cls, clips: Iterable[ArrayLike], rate: int) -> Self:
        """Sounds in memory, of one rate; they are named by their places, `sound 0`.

        Args:
            clips: the samples of each sound, `(L,)` or `(C, L)`: floats of full scale 1, or integers of the full scale
                of uint8, int16 or int32.
            rate: samples a second.

        Raises:
            UsageError: the rate is none.
        """
        check_rate(rate, "rate")
        try:
            held = [np.asarray(clip) for clip in clips]
        except ValueError as error:  # ragged lists
            raise UsageError(f"sounds: expected an array of samples for each, {error}") from error
        names = np.array([f"sound {place}" for place in range(len(held))], str)
        return cls(_held(held), np.full(len(held), rate, np.int64), names)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, rows: NDArray[np.intp]) -> Self:
        return type(self)(self.items[rows], self.rates[rows], self.names[rows])

    def joined(self, other: Self) -> Self:
        """These sounds, followed by others."""
        return type(self)(
            np.concatenate([self.items, other.items]),
            np.concatenate([self.rates, other.rates]),
            np.concatenate([self.names, other.names]),
        )


def _held(items: Sequence[Any]) -> NDArray[np.object_]:
    held = np.empty(len(items), object)
    for place, item in enumerate(items):  # NumPy would stack arrays of equal lengths
        held[place] = item
    return held
