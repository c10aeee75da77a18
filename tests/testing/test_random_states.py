"""The checks find what touches the global generators, and leave them as they were."""

import random
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch

from nas.controllers import RandomSearch
from nas.ops import Conv
from nas.space import Architecture, Space
from nas.testing import MatchEvaluator, check_controller, check_evaluator, check_op
from nas.testing.random_states import global_random_untouched, other_global_random


def test_importing_it_needs_no_torch() -> None:
    code = "import sys, nas.testing; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_checks_leave_the_global_generators_alone(space: Space, arch: Architecture) -> None:
    before = random.getstate(), repr(np.random.get_state()), torch.get_rng_state().tolist()
    check_op(Conv(4), (3, 8))
    check_controller(lambda: RandomSearch(space), space, trials=5)
    check_evaluator(MatchEvaluator(arch), arch)
    assert (random.getstate(), repr(np.random.get_state()), torch.get_rng_state().tolist()) == before


def test_a_draw_is_found() -> None:
    for name, draw in (
        ("random", random.random),
        ("numpy.random", np.random.random_sample),
        ("torch", lambda: torch.rand(1)),
    ):
        message = f"^it reads or seeds the global generator of {name}$"
        with pytest.raises(AssertionError, match=message), global_random_untouched("it"):
            draw()


def test_other_states_are_other_ones_and_pass() -> None:
    draws: tuple[Callable[[], float], ...] = random.random, np.random.random_sample, lambda: torch.rand(1).item()
    with other_global_random():
        pass
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    with other_global_random():
        other = [draw() for draw in draws]
    assert random.getstate() == states[0]
    assert repr(np.random.get_state()) == repr(states[1])
    assert torch.equal(torch.get_rng_state(), states[2])
    assert all(draw() != value for draw, value in zip(draws, other, strict=True))
