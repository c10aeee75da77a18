"""Hyperband: the brackets of the paper, and that they take turns."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nas.controllers import Hyperband
from nas.controllers.hyperband import bracket

# n_i and r_i of algorithm 1 for R = 81 and η = 3, n = ⌈5/(s+1) · 3^s⌉ and n_i = ⌊n · 3^-i⌋: by hand, from s = 4 to 0.
BRACKETS = {
    4: [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
    3: [(34, 3), (11, 9), (3, 27), (1, 81)],
    2: [(15, 9), (5, 27), (1, 81)],
    1: [(8, 27), (2, 81)],
    0: [(5, 81)],
}


@pytest.mark.parametrize("s", BRACKETS)
def test_brackets(s: int) -> None:
    stages = bracket(s, 4, 3)
    if s < 4:  # all networks of a bracket are paused after an epoch first
        assert stages[0] == (0, BRACKETS[s][0][0])
        stages = stages[1:]
    assert [(stage.networks, 3**stage.level) for stage in stages] == BRACKETS[s]


def test_brackets_take_turns(drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: Hyperband(controller, full_epochs=9, eta=3))
    # s = 2: 9, 3, 1; s = 1: ⌈3/2 · 3⌉ = 5, 1; s = 0: 3; and again.
    rng = np.random.default_rng(0)
    first = driver.run(rng.random(13).tolist())
    assert Counter(epochs for _, epochs, _ in first) == {1: 9, 3: 3, None: 1}
    second = driver.run(rng.random(11).tolist())
    assert [epochs for _, epochs, _ in second] == [1] * 5 + [3] * 5 + [None]
    third = driver.run(rng.random(6).tolist())
    assert [epochs for _, epochs, _ in third] == [1] * 3 + [None] * 3
    again = driver.run(rng.random(13).tolist())
    assert [epochs for _, epochs, _ in again] == [1] * 9 + [3] * 3 + [None]
    # Each bracket has networks of its own.
    assert [network for network, _, parent in [*first, *second, *third, *again] if parent is None] == list(range(26))


def test_a_later_bracket_chooses_after_more_epochs(drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: Hyperband(controller, full_epochs=9, eta=3))
    driver.run([0.5] * 13)
    driver.run([0.9, 0.1, 0.1, 0.1, 0.1])  # after one epoch: told to the wrapped controller, and of no weight here
    driver.run([0.2, 0.2, 0.2, 0.2, 0.8])
    assert driver.run([0.5]) == [(13, None, 22)]
