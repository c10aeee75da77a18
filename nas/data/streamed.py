"""Inputs that are prepared whenever they are read, by threads, because they are kept nowhere."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.input_spec import block_of
from nas.data.preparation.preparation import Preparation
from nas.data.raw import RawInputs
from nas.ops import Shape

AHEAD = 3
"""How many batches are prepared ahead of the one that is in use."""

THREADS = 4


class Streamed:
    """The prepared inputs of samples, as an array that is computed part by part.

    Args:
        raw: the raw inputs.
        preparation: prepares them; it must not depend on the samples that it was fitted to.
        rows: the places of the samples in `raw`; None: all.
    """

    def __init__(self, raw: RawInputs, preparation: Preparation, rows: NDArray[np.intp] | None = None) -> None:
        self.dtype = np.dtype(preparation.dtype)
        self._raw, self._preparation = raw, preparation
        self._rows = np.arange(len(raw)) if rows is None else rows

    @property
    def shape(self) -> Shape:
        """The shape of the array, `(N, *shape)`."""
        return len(self._rows), *self._preparation.input.shape

    @property
    def ndim(self) -> int:
        """The number of its axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, rows: Any) -> NDArray[Any]:
        """The inputs of some samples: a slice, their places, or the place of one."""
        chosen = self._rows[rows]
        found = self._preparation(self._raw[np.atleast_1d(chosen)])
        return found.reshape(found.shape[1:]) if np.ndim(chosen) == 0 else found

    def in_order(self) -> Iterator[NDArray[Any]]:
        """The inputs of all samples, some at a time, as `batches`."""
        step = block_of(self.shape[1:])
        return self.batches(np.arange(start, min(start + step, len(self))) for start in range(0, len(self), step))

    def batches(self, places: Iterable[NDArray[np.intp]]) -> Iterator[NDArray[Any]]:
        """The inputs of several batches; threads prepare the next ones while one of them is in use.

        There is memory for `AHEAD` batches and the one in use, which is overwritten once the next one is asked for.
        """
        window: list[NDArray[Any]] = [np.empty((0, *self.shape[1:]), self.dtype)] * (AHEAD + 1)
        with ThreadPoolExecutor(THREADS) as threads:
            waiting: deque[Future[NDArray[Any]]] = deque()
            try:
                for number, rows in enumerate(places):
                    chosen, slot = self._rows[rows], number % len(window)
                    if len(window[slot]) < len(chosen):
                        window[slot] = np.empty((len(chosen), *self.shape[1:]), self.dtype)
                    waiting.append(threads.submit(self._prepare, chosen, window[slot][: len(chosen)]))
                    if len(waiting) > AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for one in waiting:
                    one.cancel()

    def _prepare(self, rows: NDArray[np.intp], out: NDArray[Any]) -> NDArray[Any]:
        return self._preparation(self._raw[rows], out)
