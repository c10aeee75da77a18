"""A trained network at work: in evaluation mode, batch by batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from nas.data.streamed import Streamed
from nas.errors import UsageError
from nas.interrupt import stop_if_asked

BATCH = 1024


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Evaluation mode; afterwards, each part is in the mode that it was in."""
    before = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in before:
            part.training = training


def device_of(module: nn.Module) -> torch.device:
    """The device of the weights of a module; the CPU if it has none."""
    return next((tensor.device for tensor in module.parameters()), torch.device("cpu"))


def inputs_on(module: nn.Module, inputs: ArrayLike | Tensor) -> Tensor:
    """Inputs as a tensor of float32 on the device of a module.

    Raises:
        UsageError: there are none.
    """
    given = inputs.detach() if isinstance(inputs, Tensor) else torch.as_tensor(np.asarray(inputs))
    if given.ndim < 2 or not len(given):
        raise UsageError(f"expected inputs (N, ...) of one sample or more, got {tuple(given.shape)}")
    return given.to(device_of(module), torch.float32)


def batches(module: nn.Module, inputs: Any, rows: NDArray[np.intp]) -> Iterator[Tensor]:
    """The inputs of samples on the device of a module, some at a time.

    Args:
        module: that reads them.
        inputs: `(N, *shape)`: an array, or what is read like one (`nas.data.streamed`).
        rows: the places of the samples.
    """
    groups = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    for batch in inputs.batches(groups) if isinstance(inputs, Streamed) else (inputs[group] for group in groups):
        stop_if_asked()
        yield inputs_on(module, batch)


def spread(count: int, most: int) -> NDArray[np.intp]:
    """The places of `most` of `count` samples, spread evenly over all, ascending; all, if there are no more."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.intp)
