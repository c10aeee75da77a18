"""A small space, and one of its architectures."""

import numpy as np
import pytest

from nas.space import Architecture, Space, parse_space

TEXT = """
input: [4]
layers: [{repeat: {choice: [1, 2]}, of: [{linear: {units: {choice: [1, 2, 3]}}}]}, {choice: [relu, gelu]}]
"""


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space(TEXT)


@pytest.fixture(scope="module")
def arch(space: Space) -> Architecture:
    return space.sample(np.random.default_rng(0))
