from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from nas.model import Network
from nas.space import parse_space

SPACE = """
name: small
input: [2, 4, 4]
outputs: 3
layers:
  - conv: {width: 4}
  - tanh
  - flatten
  - linear: {units: 5}
  - tanh
  - dropout: {p: 0.5}
  - linear: {units: outputs}
"""


@pytest.fixture(scope="session")
def make_network() -> Callable[[int], Network]:
    """Smooth networks of images `(2, 4, 4)`, by their seed."""

    def make(seed: int) -> Network:
        torch.manual_seed(seed)
        return Network(parse_space(SPACE).rebuild({}), mean=torch.full((2, 1, 1), 0.3), std=torch.full((2, 1, 1), 2.0))

    return make


@pytest.fixture(scope="session")
def network(make_network: Callable[[int], Network]) -> Network:
    return make_network(0)


@pytest.fixture(scope="session")
def inputs() -> Tensor:
    return 2 * torch.randn(6, 2, 4, 4, generator=torch.Generator().manual_seed(1))
