"""Features of samples that classical methods take."""

import math
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from nas.data.input_spec import PADDING
from nas.ops import LogMel, Shape

AT_ONCE = 2**22
"""Numbers of inputs that are in memory at once: the inputs of a part may be mapped from a file, or streamed."""


class Features(Protocol):
    """Prepared inputs as features."""

    def fit(self, inputs: Any, rows: NDArray[np.intp]) -> Any:
        """The features of some training samples, which determine those of others: `(len(rows), size)`.

        Args:
            inputs: of all samples, `(N, *shape)`; an array, or what is read like one (`nas.data.streamed`).
            rows: the places of the samples.
        """
        ...

    def __call__(self, inputs: Any) -> Any:
        """The features of all samples of another part, `(N, size)`."""
        ...


def _blocks(inputs: Any, rows: NDArray[np.intp] | None = None) -> Iterator[NDArray[Any]]:
    """The inputs of samples (None: of all), some at a time."""
    chosen = np.arange(len(inputs)) if rows is None else rows
    size = max(1, AT_ONCE // math.prod(inputs.shape[1:]))
    for begin in range(0, len(chosen), size):
        yield np.asarray(inputs[chosen[begin : begin + size]])


class Plain:
    """The inputs themselves; of long series, means over equal pieces of time.

    Args:
        shape: of a sample, `(F,)` or `(C, L)`.

    Attributes:
        size: the number of features.
    """

    most: ClassVar[int] = 3072

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._width = 1 if len(shape) == 1 else math.ceil(math.prod(shape) / self.most)
        self.size = math.prod(shape[:-1]) * max(1, shape[-1] // self._width)

    def fit(self, inputs: Any, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        return np.concatenate([*map(self._means, _blocks(inputs, rows))])

    def __call__(self, inputs: Any) -> NDArray[np.float32]:
        return np.concatenate([*map(self._means, _blocks(inputs))])

    def _means(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        pieces = max(1, self._shape[-1] // self._width)
        cut = inputs[..., : pieces * self._width].astype(np.float32)
        means = cut.reshape(*cut.shape[:-1], pieces, -1).mean(axis=-1)
        return np.asarray(means.reshape(len(inputs), -1))


class Pixels:
    """The pixels of images; of large ones, means of squares.

    Args:
        shape: of a sample, `(C, H, W)`.

    Attributes:
        size: the number of features.
    """

    side: ClassVar[int] = 32

    def __init__(self, shape: Shape) -> None:
        channels, height, width = shape
        self._factors = max(1, height // self.side), max(1, width // self.side)
        self._sides = height // self._factors[0], width // self._factors[1]
        self.size = channels * math.prod(self._sides)

    def fit(self, inputs: Any, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        return np.concatenate([*map(self._means, _blocks(inputs, rows))])

    def __call__(self, inputs: Any) -> NDArray[np.float32]:
        return np.concatenate([*map(self._means, _blocks(inputs))])

    def _means(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        (tall, wide), (rows, columns) = self._factors, self._sides
        cut = inputs[:, :, : rows * tall, : columns * wide].astype(np.float32)
        squares = cut.reshape(len(cut), -1, rows, tall, columns, wide)
        return np.asarray(squares.mean(axis=(3, 5)).reshape(len(cut), -1))


LEAST_RATE = 1000


class LogMelBands:
    """The log-mel energies of sounds, in 40 bands (16 below a rate of 4,000) and at most 16 pieces of time.

    All sounds are brought to the same level, and energies more than 30 dB below the mean differ little.

    Args:
        rate: samples a second, at least `LEAST_RATE`: below it, bands lie between the frequencies of a window.

    Attributes:
        size: the number of features.
    """

    pieces: ClassVar[int] = 16

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._bands = 40 if rate >= 4000 else 16
        self.size = self._bands * self.pieces

    def fit(self, inputs: Any, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        return np.concatenate([*map(self._energies, _blocks(inputs, rows))])

    def __call__(self, inputs: Any) -> NDArray[np.float32]:
        return np.concatenate([*map(self._energies, _blocks(inputs))])

    def _energies(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        import torch

        window = math.ceil(self._rate / 40)
        padded = np.pad(inputs, ((0, 0), (0, 0), (0, max(0, window - inputs.shape[2]))))
        module = LogMel(rate=self._rate, mels=self._bands, floor=1e-3, level=True).module(padded.shape[1:])
        with torch.inference_mode():
            bands = module(torch.from_numpy(padded).float())[:, 0]
            pieces = min(self.pieces, bands.shape[2])
            return np.asarray(torch.nn.functional.adaptive_avg_pool1d(bands, pieces).flatten(1).numpy())


class TfIdf:
    """The frequencies of tokens and of pairs of adjacent tokens, weighted by how rare they are (Spärck Jones 1972).

    Args:
        tokens: the size of the vocabulary.
    """

    least: ClassVar[int] = 2
    """Texts that a pair must occur in."""

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens

    def fit(self, inputs: Any, rows: NDArray[np.intp]) -> Any:
        from sklearn.feature_extraction.text import TfidfTransformer

        chosen = np.asarray(inputs[rows])
        texts_of, terms = self._terms(chosen)
        both = np.unique(np.stack([terms, texts_of], axis=1), axis=0)[:, 0]
        known, texts = np.unique(both, return_counts=True)
        self._known = known[(texts >= self.least) | (known < self._tokens)]
        self._weighting = TfidfTransformer(sublinear_tf=True)
        return self._weighting.fit_transform(self._counts(texts_of, terms, len(chosen)))

    def __call__(self, inputs: Any) -> Any:
        return self._weighting.transform(self._counts(*self._terms(np.asarray(inputs[:])), len(inputs)))

    def _terms(self, inputs: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The row and the number of each term: its token, or for a pair a number beyond those of tokens."""
        tokens = inputs.astype(np.int64)
        rows = np.broadcast_to(np.arange(len(tokens))[:, None], tokens.shape)
        there = tokens != PADDING
        pairs = self._tokens * (1 + tokens[:, :-1]) + tokens[:, 1:]
        adjacent = there[:, :-1] & there[:, 1:]
        return (
            np.concatenate([rows[there], rows[:, 1:][adjacent]]),
            np.concatenate([tokens[there], pairs[adjacent]]),
        )

    def _counts(self, rows: NDArray[np.int64], terms: NDArray[np.int64], texts: int) -> Any:
        """How often each text has each known term, sparse."""
        from scipy.sparse import csr_matrix

        columns = np.searchsorted(self._known, terms).clip(max=max(0, len(self._known) - 1))
        found = self._known[columns] == terms
        ones = np.ones(int(found.sum()), dtype=np.float32)
        return csr_matrix((ones, (rows[found], columns[found])), shape=(texts, len(self._known)))
