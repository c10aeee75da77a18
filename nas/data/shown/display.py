"""The display of samples, by the kind of their inputs."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.dataset import Dataset
from nas.data.shown.curves import curves
from nas.data.shown.pictures import picture, picture_overlay
from nas.data.shown.records import Picture, Shown, Words
from nas.data.shown.rows import Usual, unusual
from nas.data.shown.spectrograms import spectrogram, spectrogram_overlay

MOST_WORDS, FEW_WORDS = 80, 12
SMALL = 48
"""The largest side of a picture beside others in pixels, and the points of a curve."""
MOST_ROWS = 50_000
"""Training samples of a table that say what is usual."""


class Display:
    """Shows samples of a data set.

    A preparation of texts may have a function `words`, which returns what each token of a sample `(L,)` stands for,
    with the space before it, empty for padding; one of tables, a function `named`, which returns the name of each entry
    of a sample `(F,)`, and its value as the table had it. Without them, tokens and features are numbered.

    Args:
        data: the data set.
        inputs: the samples that are shown, or all of a part, `(N, *shape)`: images have a common scale of brightness.
    """

    def __init__(self, data: Dataset, inputs: NDArray[Any]) -> None:
        self._data, self._spec = data, data.input
        self._low, self._high = float(inputs.min()), float(inputs.max())

    def show(self, sample: NDArray[Any], weights: NDArray[Any] | None = None) -> Shown:
        """The input of a sample.

        Args:
            sample: `shape`.
            weights: of a text, how much each token counts, `(L,)`; None: it is not known.
        """
        match self._spec.modality:
            case "image":
                return picture(sample, low=self._low, high=self._high)
            case "sound":
                return spectrogram(sample, rate=self._rate)
            case "text":
                return self._text(sample, weights)
            case "series":
                return curves(sample)
            case "table":
                return unusual(sample, self._usual, self._columns(sample))

    def overlaid(self, sample: NDArray[Any], gradients: NDArray[Any], baseline: NDArray[Any]) -> Picture:
        """The picture of an image, or the spectrogram of a sound, with what it contributes to an answer in colour.

        Args:
            sample: `shape`.
            gradients: the mean gradient of the answer on the way from a baseline, `shape`.
            baseline: `shape`.
        """
        if self._spec.modality == "sound":
            return spectrogram_overlay(sample - baseline, gradients, rate=self._rate)
        return picture_overlay(sample, (sample - baseline) * gradients, low=self._low, high=self._high)

    def small(self, sample: NDArray[Any]) -> Shown | None:
        """The input of a sample that is shown beside others; None for a table, which has no room there."""
        match self._spec.modality:
            case "image":
                return picture(sample, low=self._low, high=self._high, side=SMALL)
            case "text":
                return self._text(sample, None, most=FEW_WORDS)
            case "sound":
                return spectrogram(sample, rate=self._rate, frames=SMALL, rows=SMALL // 2)
            case "series":
                return curves(sample, points=SMALL)
            case "table":
                return None

    @property
    def _rate(self) -> int:
        return self._spec.rate or 16_000

    def _text(self, tokens: NDArray[Any], weights: NDArray[Any] | None, most: int = MOST_WORDS) -> Words:
        worded: Callable[[NDArray[Any]], Sequence[str]] | None = getattr(self._data.preparation, "words", None)
        words = [f" {int(token)}" if token else "" for token in tokens] if worded is None else worded(tokens)
        given = np.zeros(len(tokens)) if weights is None else weights
        highest = float(np.abs(given).max()) or 1.0
        pairs = [(word, round(float(weight) / highest, 3)) for word, weight in zip(words, given, strict=True) if word]
        return Words(tuple(pairs[:most]), max(0, len(pairs) - most))

    def _columns(self, row: NDArray[Any]) -> Sequence[tuple[str, str]]:
        named: Callable[[NDArray[Any]], Sequence[tuple[str, str]]] | None
        named = getattr(self._data.preparation, "named", None)
        numbered = [(f"feature {place}", f"{value:.5g}") for place, value in enumerate(row.tolist())]
        return numbered if named is None else named(row)

    @cached_property
    def _usual(self) -> Usual:
        train = self._data.train.inputs
        rows = np.linspace(0, len(train) - 1, min(len(train), MOST_ROWS)).astype(np.intp)
        return Usual(np.asarray(train[rows]), self._spec.categories)
