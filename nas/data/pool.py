"""The training and validation samples of a data set as one, of which a training uses some rows."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.data.input_spec import InputSpec
from nas.data.preparation import Preparation
from nas.data.raw import RawInputs
from nas.data.samples import Samples
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


@dataclass(frozen=True, eq=False)
class Unprepared:
    """The raw inputs of a pool, for trainings on rows that the preparation of the data set was not fitted to.

    Attributes:
        raw: of the training samples, then of the validation samples.
        preparation: that of the data set, fitted to its training samples.
    """

    raw: RawInputs
    preparation: Preparation


class Pool:
    """Training and validation samples as one.

    Args:
        train: the training samples.
        val: the validation samples.
        task: the task of the data set.
        input: what the inputs are.
        unprepared: the raw inputs, if their preparation depends on the training samples; None: it does not.

    Attributes:
        samples: the training samples, then the validation samples.
    """

    def __init__(
        self, train: Samples, val: Samples, task: Task, input: InputSpec, unprepared: Unprepared | None = None
    ) -> None:
        self.samples = Samples(*(np.concatenate(arrays) for arrays in zip(train, val, strict=True)))
        self._task, self._input, self._unprepared = task, input, unprepared
        self._known: dict[bytes, Statistics] = {}

    @property
    def refits(self) -> bool:
        """Whether the prepared inputs depend on the samples that a network is trained on."""
        return self._unprepared is not None

    def inputs(self, rows: Rows) -> NDArray[Any]:
        """The inputs of all samples, prepared for a training on some of them: nothing of the others is known to it."""
        if self._unprepared is None:
            return self.samples.inputs
        raw, preparation = self._unprepared.raw, self._unprepared.preparation
        return preparation.refitted(raw[rows])(raw)

    def statistics(self, rows: Rows) -> Statistics:
        """The statistics of some samples; of equal rows, they are computed once."""
        key = rows.tobytes()
        if key not in self._known:
            inputs, targets = self.inputs(rows)[rows], self.samples.targets[rows]
            self._known[key] = Statistics(*self._input.moments(inputs), self._task.fitted(self._task.outputs, targets))
        return self._known[key]
