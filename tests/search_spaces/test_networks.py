"""Each space of the folder, as real networks: what a member is said to cost and to give is what PyTorch makes of it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nas.model.build import Network
from nas.space import load_space

FILES = sorted((Path(__file__).parents[2] / "search_spaces").glob("*.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_members_are_networks(file: Path) -> None:
    space = load_space(file)
    rng = np.random.default_rng(0)
    for _ in range(2):
        arch = space.sample(rng)
        with torch.device("meta"):
            network = Network(arch).eval()
            output = network(torch.empty(2, *arch.input))
        assert output.shape == (2, *arch.output)
        assert sum(parameter.numel() for parameter in network.parameters()) == arch.params
