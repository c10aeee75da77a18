"""Networks against the architectures that they are built of, and against modules written by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nas.model import Network
from nas.ops import Merge
from nas.space import Architecture, Space, load_space, parse_space

DIGITS = Path(__file__).parents[2] / "search_spaces" / "digits_cnn.yaml"

SKIPS = """
name: skips
input: [2, 8, 8]
outputs: 3
layers:
  - conv: {width: 4}
  - residual: [{conv: {width: 4}}, relu]
  - residual: [{conv: {width: 6, stride: 2}}, {residual: [{conv: {width: 6}}]}]
    project: true
  - global_avg_pool
  - linear: {units: outputs}
"""


@pytest.fixture(scope="module")
def space() -> Space:
    return load_space(DIGITS)


def _samples(arch: Architecture, count: int = 3, seed: int = 0) -> Tensor:
    """Values 0..255 as floats."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, *arch.input), generator=generator).float()


def test_parameters_and_shapes_are_those_of_the_architecture(space: Space) -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        arch = space.sample(rng)
        network = Network(arch).eval()
        assert sum(parameter.numel() for parameter in network.parameters()) == arch.params
        with torch.inference_mode():
            assert network(_samples(arch, count=2)).shape == (2, *arch.output) == (2, 10)


def test_layers_are_attributes_in_order_under_their_names(space: Space) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        arch = space.sample(rng)
        layers = zip(arch.names, arch.layers, strict=True)
        expected = [name for name, layer in layers if not isinstance(layer.op, Merge)]
        assert [name for name, _ in Network(arch).named_children()] == expected


def test_weights_come_from_the_global_generator(space: Space) -> None:
    arch = space.sample(np.random.default_rng(2))
    with torch.random.fork_rng():
        built = []
        for seed in (0, 0, 1):
            torch.manual_seed(seed)
            built.append(torch.cat([parameter.flatten() for parameter in Network(arch).parameters()]))
    assert torch.equal(built[0], built[1])
    assert not torch.equal(built[0], built[2])


@pytest.mark.parametrize(
    "dtype", [torch.uint8, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64]
)
def test_samples_of_any_number_type_give_the_same(space: Space, dtype: torch.dtype) -> None:
    arch = space.sample(np.random.default_rng(3))
    network = Network(arch, mean=np.full((1, 1, 1), 120.5), std=np.full((1, 1, 1), 60.25)).eval()
    x = _samples(arch)
    assert torch.equal(network(x.to(dtype)), network(x))


@pytest.mark.parametrize(("shape", "moments"), [((5,), (5,)), ((2, 9), (2, 1)), ((2, 4, 4), (2, 1, 1))])
def test_samples_are_normalised_by_channel(shape: tuple[int, ...], moments: tuple[int, ...]) -> None:
    arch = Architecture((), (), shape)
    assert arch.output == shape
    rng = np.random.default_rng(0)
    mean, std = rng.normal(size=moments), rng.uniform(1, 2, size=moments)
    network = Network(arch, mean=mean, std=std)
    x = torch.from_numpy(rng.normal(size=(4, *shape)))
    np.testing.assert_allclose(network(x).numpy(), (x.numpy() - mean) / std, rtol=1e-4, atol=1e-6)
    assert dict(network.named_buffers()).keys() == {"mean", "std"} == network.state_dict().keys()


def test_loaded_weights_do_not_change_the_arrays_that_a_network_was_made_with() -> None:
    arch = next(iter(parse_space("input: [2]\nlayers: [{linear: {units: 1}}]")))
    mean, std = np.zeros(2, np.float32), np.ones(2, np.float32)
    network = Network(arch, mean=mean, std=std, scaling=(mean[:1], std[:1]))
    network.load_state_dict({name: tensor + 1 for name, tensor in network.state_dict().items()})
    assert (mean.tolist(), std.tolist()) == ([0, 0], [1, 1])
    assert network.mean.tolist() == [1, 1]


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float32, torch.float64])
def test_token_numbers_are_not_normalised(dtype: torch.dtype) -> None:
    space = parse_space("layers: [{embedding: {vocabulary: 200, width: 3}}]", input=(5,))
    network = Network(space.rebuild({}), mean=np.full(5, 99.0), std=np.full(5, 12.0))
    assert torch.equal(network.mean, torch.tensor(0.0))
    assert torch.equal(network.std, torch.tensor(1.0))
    tokens = torch.randint(0, 200, (4, 5), generator=torch.Generator().manual_seed(0))
    table = next(network.parameters())
    assert torch.equal(network(tokens.to(dtype)), table[tokens].transpose(1, 2))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_token_numbers_are_exact_under_autocast(dtype: torch.dtype) -> None:
    space = parse_space("layers: [flatten, {embedding: {vocabulary: 16777216, width: 1}}]", input=(1, 2, 2))
    with torch.device("meta"):
        network = Network(space.rebuild({}))
    network.to_empty(device="cpu")  # numbers that nobody looks at, but which differ from place to place
    network.mean.zero_()
    network.std.fill_(1)
    table = next(network.parameters())
    tokens = torch.tensor([[[[16777215, 16777214], [65537, 2049]]]])
    with torch.no_grad():
        table[tokens.flatten(), 0] = torch.arange(1.0, 5.0)
        with torch.autocast("cpu", dtype=dtype):
            for samples in (tokens, tokens.float()):
                assert network(samples).flatten().tolist() == [1.0, 2.0, 3.0, 4.0]


class _ByHand(nn.Module):
    """What SKIPS says, written out; attributes have the names that Architecture.names gives."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(2, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.conv3 = nn.Conv2d(4, 6, 3, stride=2, padding=1)
        self.conv4 = nn.Conv2d(6, 6, 3, padding=1)
        self.conv5 = nn.Conv2d(4, 6, 1, stride=2, bias=False)
        self.linear1 = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        first: Tensor = self.conv1((x - 100.0) / 50.0)
        second = first + torch.relu(self.conv2(first))
        inner = self.conv3(second)
        third = self.conv5(second) + (inner + self.conv4(inner))
        logits: Tensor = self.linear1(third.mean(dim=(2, 3)))
        return logits


def test_residuals_and_projections_are_wired_as_by_hand() -> None:
    arch = parse_space(SKIPS).rebuild({})
    network = Network(arch, mean=100.0, std=50.0).eval()
    by_hand = _ByHand().eval()
    weights = {key: value for key, value in network.state_dict().items() if key not in ("mean", "std")}
    assert by_hand.load_state_dict(weights).missing_keys == []
    x = _samples(arch, count=5)
    torch.testing.assert_close(network(x), by_hand(x), rtol=1e-5, atol=1e-6)


def test_gradients_reach_every_parameter() -> None:
    network = Network(parse_space(SKIPS).rebuild({}), mean=100.0, std=50.0)
    network(_samples(network.arch)).sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
