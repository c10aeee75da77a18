"""Architectures from their description as plain data."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from nas.final.export import to_yaml
from nas.ops import MEANS
from nas.space import load_space
from nas.space.stored import stored_architecture
from nas.space.union import union_of

SPACES = ("nasbench201", "fbnet", "vit_tiny")
"""Cells, mobile blocks, and attention."""
FOLDER = Path(__file__).parents[2] / "search_spaces"


@pytest.mark.parametrize("name", SPACES)
def test_architectures_return_from_their_description(name: str) -> None:
    arch = load_space(FOLDER / f"{name}.yaml").sample(np.random.default_rng(1))
    described = yaml.load(to_yaml(arch.to_dict()), yaml.CSafeLoader)
    found = stored_architecture(described)
    assert [tuple(layer) for layer in found.layers] == [tuple(layer) for layer in arch.layers]
    assert (found.input, found.choices, found.names, found.cost) == (arch.input, arch.choices, arch.names, arch.cost)


@pytest.mark.parametrize("name", MEANS)
def test_ensembles_return_from_their_description(name: str) -> None:
    space = load_space(FOLDER / "vit_tiny.yaml")
    arch = union_of([space.sample(np.random.default_rng(seed)) for seed in range(2)], MEANS[name]())
    found = stored_architecture(yaml.load(to_yaml(arch.to_dict()), yaml.CSafeLoader))
    assert found.layers == arch.layers
