"""The training and validation samples of a data set as one, of which a training uses some rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.data.input_spec import InputSpec
from nas.data.preparation import Preparation
from nas.data.raw import RawInputs, joined
from nas.data.samples import Samples
from nas.data.streamed import Streamed
from nas.errors import UsageError
from nas.tasks import Task

Rows = NDArray[np.int64]
"""Places of samples in a pool, `(N,)`: the training samples from 0, then the validation samples."""

KEPT = 2**30
"""Bytes of inputs that a pool keeps as they were prepared for some rows: each training on a fold asks for them."""


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
        train: of the training samples.
        val: of the validation samples.
        preparation: that of the data set, fitted to its training samples.
    """

    train: RawInputs
    val: RawInputs
    preparation: Preparation

    @cached_property
    def raw(self) -> RawInputs:
        """Those of the training samples, then of the validation samples."""
        return joined(self.train, self.val)


def check_joins(train: Samples) -> None:
    """Raises UsageError if training samples cannot be joined with others."""
    if isinstance(train.inputs, Streamed):
        raise UsageError("these data are streamed, so parts cannot be joined; it takes `storage` memory or mapped")


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
        self.samples = Samples(*(_joined(*arrays) for arrays in zip(train, val, strict=True)))
        self._task, self._input, self._unprepared = task, input, unprepared
        self._known: dict[bytes, Statistics] = {}
        self._prepared: dict[bytes, NDArray[Any]] = {}

    @property
    def refits(self) -> bool:
        """Whether the prepared inputs depend on the samples that a network is trained on."""
        return self._unprepared is not None

    def inputs(self, rows: Rows) -> NDArray[Any]:
        """The inputs of all samples, prepared for a training on some of them: nothing of the others is known to it.

        Of equal rows, they are prepared once, as long as there are at most `KEPT` bytes of such inputs.
        """
        if self._unprepared is None:
            found: NDArray[Any] = self.samples.inputs
            return found
        key = rows.tobytes()
        if key not in self._prepared:
            raw, preparation = self._unprepared.raw, self._unprepared.preparation
            found = preparation.refitted(raw[rows])(raw)
            if sum(one.nbytes for one in (found, *self._prepared.values())) > KEPT:
                return found
            self._prepared[key] = found
        return self._prepared[key]

    def statistics(self, rows: Rows) -> Statistics:
        """The statistics of some samples; of equal rows, they are computed once."""
        key = rows.tobytes()
        if key not in self._known:
            inputs, targets = self.inputs(rows)[rows], self.samples.targets[rows]
            self._known[key] = Statistics(*self._input.moments(inputs), self._task.fitted(self._task.outputs, targets))
        return self._known[key]


def _joined(first: Any, second: Any) -> NDArray[Any]:
    """Two arrays as one: a view, if the second follows the first in the memory or the file of a third."""
    if isinstance(first, Streamed):
        raise UsageError("cross-validation: these data are streamed; it takes `storage` memory or mapped")
    base = first.base
    if isinstance(base, np.ndarray) and base is second.base and base.flags.c_contiguous and base.dtype == first.dtype:
        start = (first.ctypes.data - base.ctypes.data) // max(first[:1].nbytes, 1)
        whole = base[start : start + len(first) + len(second)]
        if whole.shape[1:] == first.shape[1:] and whole[len(first) :].ctypes.data == second.ctypes.data:
            found: NDArray[Any] = whole
            return found
    return np.concatenate([first, second])
