"""The steps of a training on CUDA, captured as a graph and replayed."""

import warnings
from collections.abc import Callable

import torch

from nas.descent import Pace
from nas.errors import DeviceWarning
from nas.training import graphs
from nas.training.batch import Batch
from nas.training.step import Step

WARM_UP = 3
"""Steps before the capture, in which libraries choose their kernels and take their memory."""

FEWEST = 32
"""Steps of a training from which its step is captured: a capture costs as much as some steps."""

told: set[str] = set()
"""The reasons that were given in this process."""


class Captured:
    """Takes the steps of full batches from a CUDA graph, and those of other batches as they are.

    The weights are those of steps that are not captured: the first steps are taken as they are, the capture itself
    computes nothing, and a replay runs the same kernels on the same memory. Where the capture is refused, all steps are
    taken as they are, and a `DeviceWarning` says so once. A network whose kernels take longer than their launches gains
    nothing, and loses nothing but the memory of a step, which is reserved for the graph. Where the momentum changes,
    all steps are taken as they are: torch's fused updates take it as a number, which a graph would keep.

    Args:
        step: what is captured.
        size: of a full batch.
        steps: the number of steps of full batches in the whole training; below `FEWEST`, nothing is captured.
    """

    def __init__(self, step: Step, *, size: int, steps: int) -> None:
        self._step, self._size = step, size
        self._eager = steps < FEWEST
        self._taken = 0
        self._buffers: Batch | None = None
        self._replay: Callable[[], None] | None = None
        self._progress, self._lr = torch.zeros_like(step.summed), torch.zeros_like(step.summed)

    def __call__(self, batch: Batch, progress: float, pace: Pace) -> None:
        """Takes a step; see `Step`."""
        if pace.momentum is not None:
            self._step(batch, progress, pace)
            return
        self._progress.fill_(progress)
        self._lr.fill_(pace.lr)
        if self._eager or len(batch.samples) != self._size:
            self._take(batch)
        elif self._taken < WARM_UP:
            self._warm_up(batch)
        else:
            self._take_captured(batch)

    def _take(self, batch: Batch) -> None:
        self._step(batch, self._progress, Pace(self._lr))

    def _warm_up(self, batch: Batch) -> None:
        self._taken += 1
        if self._taken < WARM_UP:
            self._take(batch)
        elif reason := graphs.unsuited(lambda: self._take(batch)):
            self._give_up(reason)

    def _take_captured(self, batch: Batch) -> None:
        if self._buffers is None:
            self._buffers = buffers = batch.each(torch.Tensor.clone)
            try:
                self._replay = graphs.capture(lambda: self._take(buffers))
            except RuntimeError as error:
                self._give_up(str(error).partition("\n")[0])
        if self._replay is None:
            self._take(batch)
            return
        for buffer, tensor in zip(self._buffers, batch, strict=True):
            if buffer is not None and tensor is not None:
                buffer.copy_(tensor)
        self._replay()

    def _give_up(self, reason: str) -> None:
        self._eager = True
        if reason not in told:
            told.add(reason)
            text = f"a training step is not captured as a CUDA graph: {reason}. Its steps run one by one, with the same"
            warnings.warn(f"{text} result", DeviceWarning, stacklevel=2)
