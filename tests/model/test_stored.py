"""Networks from the files of an export."""

from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

from nas.errors import IntegrityError
from nas.final.export import to_yaml
from nas.model import Network
from nas.model.stored import stored_network
from nas.ops import Augment
from nas.space import load_space

LAYERS: dict[str, Any] = {
    "input": [1, 40],
    "outputs": 2,
    "layers": [
        {"residual": [{"conv": {"width": 1}}, "relu"]},
        "batch_norm",
        "flatten",
        {"linear": {"units": "outputs"}},
    ],
}


@pytest.fixture(scope="module")
def files() -> tuple[bytes, bytes]:
    space = load_space(LAYERS)
    arch = space.sample(np.random.default_rng(0))
    network = Network(arch, mean=[[0.5]], std=[[2.0]], scaling=((1.0, 2.0), (3.0, 4.0)))
    return to_yaml(arch.to_dict()).encode(), save(network.state_dict(), metadata={"format": "pt"})


def test_augmentation_is_in_the_description_and_changes_no_prediction() -> None:
    """So the network can be trained further as it was."""
    plain = load_space(LAYERS).rebuild({})
    arch = load_space({**LAYERS, "layers": [{"augment": {"gain": 6.0}}, *LAYERS["layers"]]}).rebuild({})
    network = Network(plain)
    files = to_yaml(arch.to_dict()).encode(), save(network.state_dict(), metadata={"format": "pt"})
    found = stored_network(*files)
    assert found.arch.augment == Augment(gain=6.0)
    inputs = torch.linspace(-1, 1, 120).reshape(3, 1, 40)
    assert torch.equal(found(inputs), network.eval()(inputs))


def test_the_weights_are_those_of_the_file(files: tuple[bytes, bytes]) -> None:
    state = torch.get_rng_state()
    network = stored_network(*files)
    assert torch.equal(state, torch.get_rng_state())
    assert not network.training
    assert save(network.state_dict(), metadata={"format": "pt"}) == files[1]
    assert network(torch.zeros(3, 1, 40)).shape == (3, 2)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"op: flatten", b"op: flat", "no op is named 'flat'"),
        (b"units: 2", b"units: 3", "has the output"),
        (b"units: 2", b"units: -1", "units"),
        (b"units: 2", b"units: 2000000000", "has the output"),
        (b"name: flatten1", b"name: other", "flatten1"),
        (b"layers:", b"levels:", "layers"),
        (b"choices: {}", b"choices: &a {}\nmore: *a", "an alias"),
        (b"choices: {}", b"choices: !!python/name:os.system", "python/name"),
        (b"choices: {}", b"choices: [", "these are not the files of a network"),
    ],
)
def test_files_that_describe_no_network(old: bytes, new: bytes, message: str, files: tuple[bytes, bytes]) -> None:
    assert old in files[0]
    with pytest.raises(IntegrityError, match=message):
        stored_network(files[0].replace(old, new), files[1])


def test_weights_of_another_network(files: tuple[bytes, bytes]) -> None:
    for weights in (b"", files[1][:-9], save({"mean": torch.zeros(1, 1), "std": torch.ones(1, 1)})):
        with pytest.raises(IntegrityError, match="these are not the files of a network"):
            stored_network(files[0], weights)
