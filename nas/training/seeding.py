"""Where the randomness of a training comes from."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from nas.containment import contained


def order_seed(seed: int) -> int:
    """The seed of the order of samples: of a stream other than that of initial weights and dropout, 32 bits."""
    return int(np.random.SeedSequence([seed, 3]).generate_state(1)[0])


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Torch's global generators start from `seed`; they and all else that is `contained` are put back at the end."""
    if device.type == "cuda":
        torch.cuda.current_device()  # before that, its generators have no state that can be put back
    with contained():
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            torch.cuda.manual_seed(seed)
        yield
