"""The seeds of a training."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from nas.containment import contained


def order_seed(seed: int) -> int:
    """The 32-bit seed of the order of samples, independent of that of the initial weights and dropout."""
    return int(np.random.SeedSequence([seed, 3]).generate_state(1)[0])


def companion_seed(seed: int, epoch: int = 0) -> int:
    """The 32-bit seed of what is trained beside a network, and of the inputs without targets in an epoch."""
    return int(np.random.SeedSequence([seed, 9, epoch]).generate_state(1)[0])


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Seeds torch's global generators, and restores them with all other `contained` state at the end of the block."""
    if device.type == "cuda":
        torch.cuda.current_device()  # initialises CUDA: before that, its generators have no state to restore
    with contained():
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            torch.cuda.manual_seed(seed)
        yield
