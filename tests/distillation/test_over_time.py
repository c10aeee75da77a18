"""States at each step, of layers of Archwright and of torch."""

import pytest
import torch
from torch import Tensor, nn

from nas.distillation.over_time import readable, states_of
from nas.model import Network
from nas.ops.masked_modules import MaskedRecurrent
from nas.ops.sequence_modules import Recurrent
from nas.space import parse_space


def _network(layers: str, input: tuple[int, ...]) -> Network:
    torch.manual_seed(0)
    return Network(parse_space(f"layers: [{layers}]", input=input).rebuild({}))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_states_of_layers_that_hand_on_the_last_are_those_of_a_layer_that_hands_on_all(
    cell: str, bidirectional: bool, masked: bool
) -> None:
    """And its last ones stay as they are, bit for bit; texts have padding on either side, and one is empty."""
    torch.manual_seed(0)
    kind = MaskedRecurrent if masked else Recurrent
    last, whole = (kind(cell, 3, 4, 2, bidirectional, 0.0, last) for last in (True, False))
    whole.load_state_dict(last.state_dict())
    inputs = torch.randn(4, 3, 6)
    inputs[0, :, 4:], inputs[1, :, :2], inputs[2] = 0, 0, 0
    expected = last(inputs)
    with states_of(nn.Sequential(last), ["0"]) as found:
        assert torch.equal(last(inputs), expected)
    assert torch.equal(found["0"], whole(inputs))
    assert last.last
    assert torch.equal(last(inputs), expected)


def test_layers_of_a_network_are_read_as_they_are() -> None:
    network = _network(
        "{conv: {width: 4, stride: 2}}, relu, {gru: {units: 5, output: last}}, {linear: {units: 2}}", (3, 8)
    )
    inputs = torch.randn(2, 3, 8)
    layers = readable(network)
    assert [name for name, one in layers.items() if one.recurrent] == ["gru1"]
    assert not any(name.startswith("gru1.") for name in layers)
    with states_of(network, list(layers)) as found:
        network(inputs)
    assert found["conv1"].shape == found["relu1"].shape == (2, 4, 4)
    assert torch.equal(found["relu1"], found["conv1"].relu())
    assert found["gru1"].shape == (2, 5, 4)


class Foreign(nn.Module):
    """Layers of torch, of which one has its batch first and one has not."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(3, 4, 1)
        self.encoder = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
        self.first = nn.LSTM(4, 5, batch_first=True)
        self.second = nn.GRU(5, 6)
        self.head = nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.encoder(self.conv(x).transpose(1, 2))
        x, _ = self.first(x)
        x, _ = self.second(x.transpose(0, 1))
        found: Tensor = self.head(x[-1])
        return found


def test_states_of_foreign_layers_are_channels_first() -> None:
    """As many samples as steps and channels: shapes say nothing."""
    torch.manual_seed(0)
    network, inputs = Foreign(), torch.randn(4, 3, 4)
    with states_of(network, list(readable(network))) as found:
        network(inputs)
    assert [*found] == ["conv", "encoder", "first", "second"]
    assert {name: tuple(one.shape) for name, one in found.items()} == {
        "conv": (4, 4, 4),
        "encoder": (4, 4, 4),
        "first": (4, 5, 4),
        "second": (4, 6, 4),
    }
    assert torch.equal(found["conv"], network.conv(inputs))
    torch.testing.assert_close(found["encoder"].transpose(1, 2), network.encoder(found["conv"].transpose(1, 2)))
    torch.testing.assert_close(network.head(found["second"][:, :, -1]), network(inputs))
