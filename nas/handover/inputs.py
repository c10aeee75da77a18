"""Inputs to try a network on, where there are no real ones."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nas.data.input_spec import InputSpec

if TYPE_CHECKING:
    from nas.model import Network


def random_inputs(network: "Network", spec: InputSpec, count: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Inputs `(count, *shape)`: normally distributed as the training samples of a network; token numbers; codes."""
    rng = np.random.default_rng(seed)
    shape = (count, *spec.shape)
    if spec.tokens is not None:
        return rng.integers(0, spec.tokens, shape).astype(np.float32)
    numbers: NDArray[Any] = rng.standard_normal(shape) * network.std.numpy() + network.mean.numpy()
    for place, codes in enumerate(spec.categories, start=spec.numbers if spec.categories else 0):
        numbers[:, place] = rng.integers(0, codes, count)
    return numbers.astype(np.float32)
