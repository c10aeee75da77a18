"""The training and validation samples of a data set as one, of which a training uses some rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.data.samples import Samples, moments
from nas.tasks import Task

Rows = NDArray[np.int64]
"""Places of samples in a pool, `(N,)`: the training samples from 0, then the validation samples."""


class Statistics(NamedTuple):
    """What a network takes from the samples that it is trained on.

    Attributes:
        mean: of the inputs per channel, `(C, 1, ...)`.
        std: the standard deviation, likewise; 1 for constant channels.
        task: the task, whose scaling of outputs, if any, is that of the targets of these samples.
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    task: Task


class Pool:
    """Training and validation samples as one.

    Attributes:
        samples: the training samples, then the validation samples.
    """

    def __init__(self, train: Samples, val: Samples, task: Task) -> None:
        self.samples = Samples(*(np.concatenate(arrays) for arrays in zip(train, val, strict=True)))
        self._task = task
        self._known: dict[bytes, Statistics] = {}

    def statistics(self, rows: Rows) -> Statistics:
        """The statistics of some samples; of equal rows, they are computed once."""
        key = rows.tobytes()
        if key not in self._known:
            inputs, targets = (array[rows] for array in self.samples)
            self._known[key] = Statistics(*moments(inputs), self._task.fitted(self._task.outputs, targets))
        return self._known[key]
