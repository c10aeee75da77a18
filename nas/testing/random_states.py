"""The random generators that a whole process shares: those of `random`, NumPy and torch."""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from nas.testing.requirement import require


def _global_random_states() -> dict[str, str]:
    """The state of each generator by name; that of torch only if torch is loaded."""
    states = {"random": repr(random.getstate()), "numpy.random": repr(_numpy_state())}
    if "torch" in sys.modules:
        import torch

        states["torch"] = repr(torch.get_rng_state().tolist())
    return states


def _numpy_state() -> tuple[Any, ...]:
    name, keys, *rest = np.random.get_state(legacy=True)
    return name, np.asarray(keys).tolist(), *rest


@contextmanager
def global_random_untouched(who: str) -> Iterator[None]:
    """Requires that the global states are the same afterwards; `who` is the culprit that the message names."""
    before = _global_random_states()
    yield
    after = _global_random_states()
    for name, state in before.items():
        require(after[name] == state, f"{who} reads or seeds the global generator of {name}")


@contextmanager
def other_global_random() -> Iterator[None]:
    """Changes the states of the global generators, and restores them afterwards."""
    python, legacy = random.getstate(), np.random.get_state(legacy=True)
    torch_state = None
    if "torch" in sys.modules:
        import torch

        torch_state = torch.get_rng_state()
    try:
        random.random()
        np.random.random_sample()
        if torch_state is not None:
            torch.rand(1)
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)
        if torch_state is not None:
            torch.set_rng_state(torch_state)
