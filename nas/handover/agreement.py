"""Whether exported files compute what the network computes."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.handover.handed import Handed
from nas.handover.inputs import random_inputs

SAMPLES = 64
"""The number of random and of real inputs that outputs are compared on, each."""


class Agreement(NamedTuple):
    """How far the outputs of an exported network are from those of the network, at most.

    Attributes:
        difference: the largest absolute difference, divided by the largest absolute output or 1, whichever is greater.
        random: the number of random inputs.
        real: the number of inputs from the data of the run; 0: the data cannot be read.
    """

    difference: float
    random: int
    real: int

    @property
    def text(self) -> str:
        """In a phrase."""
        inputs = f"{self.random} random inputs" + (f" and {self.real} samples" if self.real else "")
        same = "equal outputs" if self.difference == 0 else f"outputs within {self.difference:.1e}"
        return f"{same} on {inputs}"


def agreement(handed: Handed, compute: Callable[[NDArray[Any]], NDArray[Any]], tolerance: float) -> Agreement:
    """Compares the outputs of exported files with those of the network, on random and on real inputs.

    Args:
        handed: the network.
        compute: the outputs `(N, K)` of the exported files for inputs `(N, *shape)`.
        tolerance: the largest `difference` that counts as rounding.

    Raises:
        UsageError: the difference is larger, or the outputs have another shape.
    """
    network, spec = handed.network, handed.predictor.intake.preparation.input
    parts = [random_inputs(network, spec, SAMPLES), real_inputs(handed, SAMPLES)]
    # NumPy's maximum is NaN where one of them is; Python's depends on their order.
    difference = float(np.max([_difference(handed, part, compute(part)) for part in parts if len(part)]))
    found = Agreement(difference, len(parts[0]), len(parts[1]))
    if not difference <= tolerance:
        raise UsageError(
            f"the exported network computes something else: expected outputs within {tolerance:.0e} of the "
            f"network's, relative to the largest, got {difference:.1e}"
        )
    return found


def outputs_of(handed: Handed, inputs: NDArray[Any]) -> NDArray[np.float32]:
    """The outputs `(N, K)` of the network for prepared inputs `(N, *shape)`, on the CPU in float32."""
    import torch

    with torch.inference_mode():
        found: NDArray[np.float32] = handed.network(torch.from_numpy(np.ascontiguousarray(inputs))).numpy()
    return found


def real_inputs(handed: Handed, count: int) -> NDArray[np.float32]:
    """The first validation samples of the run, prepared; none if its data cannot be read."""
    data = handed.data
    if isinstance(data, UsageError):
        return np.empty((0, *handed.network.arch.input), np.float32)
    return np.asarray(data.val.inputs[:count], np.float32)


def _difference(handed: Handed, inputs: NDArray[Any], found: NDArray[Any]) -> float:
    expected = outputs_of(handed, inputs)
    if found.shape != expected.shape:
        raise UsageError(f"the exported network has outputs of shape {found.shape}, expected {expected.shape}")
    scale = max(1.0, float(np.abs(expected).max()))
    return float(np.abs(found - expected).max()) / scale
