"""The spaces for texts: what a network gives of a text does not depend on its padding."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nas.model import Network
from nas.space import parse_space

ROOT = Path(__file__).parents[2]
WORDS, LENGTH, MEMBERS = 30, 7, 6


def network(name: str, length: int, seed: int) -> Network:
    """A member of a space, by its file and its seed, for texts of this length and few words."""
    text = (ROOT / f"{name}.yaml").read_text().replace("20000", str(WORDS))
    space = parse_space(re.sub("#.*", "", text), input=(length,), outputs=3)
    arch = space.sample(np.random.default_rng(seed))
    torch.manual_seed(seed)
    return Network(arch).eval()


def texts() -> Tensor:
    """Texts of one token to as many as fit, padded at the end."""
    tokens = np.random.default_rng(0).integers(1, WORDS, (LENGTH, LENGTH))
    return torch.from_numpy(np.tril(tokens)).float()


SPACES = (
    *("search_spaces/text_bow", "search_spaces/text_lstm", "search_spaces/text_transformer", "search_spaces/textcnn"),
    "configs/spaces/compact_text",
)


@pytest.mark.parametrize("name", SPACES)
def test_padding_changes_nothing(name: str) -> None:
    short = texts()
    right = nn.functional.pad(short, (0, LENGTH))
    left = torch.stack([row.roll(2 * LENGTH - 1 - place) for place, row in enumerate(right)])
    assert torch.equal(left[:, -1] != 0, torch.ones(LENGTH, dtype=torch.bool))
    for seed in range(MEMBERS):
        one, twice = network(name, LENGTH, seed), network(name, 2 * LENGTH, seed)
        weights = one.state_dict()
        for key, value in twice.state_dict().items():  # of learned positions, the others are never read
            if value.shape != weights[key].shape:
                longer = value.clone()
                part = tuple(slice(size) for size in weights[key].shape)
                longer[part] = weights[key]
                weights[key] = longer
        twice.load_state_dict(weights)
        expected = one(short)
        for given in (right, left):
            torch.testing.assert_close(twice(given), expected, rtol=1e-4, atol=1e-5)
