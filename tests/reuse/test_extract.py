"""Features of networks as modules."""

import pytest
import torch
from torch import Tensor, nn

from nas import extract
from nas.errors import UsageError
from nas.model import Network
from nas.space import parse_space

LAYERS = "[{conv: {width: 4}}, batch_norm, relu, flatten, {dropout: {p: 0.5}}, {linear: {units: 5}}]"
X = torch.arange(96.0).view(6, 1, 4, 4)


@pytest.fixture
def network() -> Network:
    arch = parse_space(f"input: [1, 4, 4]\nlayers: {LAYERS}").rebuild({})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Network(arch, mean=[[[40.0]]], std=[[[30.0]]]).eval()


def test_features_of_a_network(network: Network) -> None:
    """They are what the head reads, of inputs that are normalised."""
    assert torch.equal(network.get_submodule("linear1")(extract(network)(X)), network(X))
    maps = (X - 40) / 30
    for name in ("conv1", "batch_norm1", "relu1"):
        maps = network.get_submodule(name)(maps)
    assert torch.allclose(extract(network, "relu1")(X), maps.mean((2, 3)))


def test_frozen_or_trained(network: Network) -> None:
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    frozen, free = extract(network), extract(network, frozen=False)
    model = nn.Sequential(frozen, nn.Linear(64, 2)).train()
    assert not any(module.training for module in frozen.modules())
    assert [name for name, one in model.named_parameters() if one.requires_grad] == ["1.weight", "1.bias"]
    assert torch.equal(frozen(X), frozen(X))
    assert free.training
    assert all(one.requires_grad for one in free.parameters())
    torch.autograd.backward([free(X).sum()])
    assert all(one.grad is not None for one in free.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert all(one.grad is None and one.requires_grad for one in network.parameters())


class Tokens(nn.Module):
    """Two linear layers on `(N, T, D)`, and one that never runs."""

    def __init__(self) -> None:
        super().__init__()
        self.never, self.inner, self.head = nn.Linear(9, 9), nn.Linear(4, 3), nn.Linear(3, 2)
        self.pair = nn.LSTM(4, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.head(self.inner(self.pair(x)[0])).mean(1)
        return found


def test_any_module() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module, convolutions = Tokens(), nn.Sequential(nn.Conv2d(1, 3, 2), nn.Flatten(), nn.Linear(27, 2))
        x = torch.rand(2, 5, 4)
    inner = module.inner(module.pair(x)[0])
    assert torch.equal(extract(module)(x), inner.mean(1))
    assert torch.equal(extract(convolutions, "0")(X), convolutions[0](X).flatten(2).mean(2))
    assert torch.equal(extract(convolutions)(X), convolutions[0](X).flatten(1))
    with pytest.raises(UsageError, match="never did not run"):
        extract(module, "never")(x)
    with pytest.raises(UsageError, match=r"0: expected features \(N, D\) or \(N, C, ...\), got \(6,\)"):
        extract(nn.Sequential(nn.Flatten(0)), "0")(x[0, 0, :].repeat(2)[:6])
    with pytest.raises(UsageError, match="the network has no layer 'iner'; did you mean 'inner'"):
        extract(module, "iner")
    with pytest.raises(UsageError, match="no linear layer; name the layer"):
        extract(nn.ReLU())
