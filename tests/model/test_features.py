"""What layers put out and read, against the layers called by hand; and which of them ends a network."""

import pytest
import torch
from torch import Tensor, nn

from nas.errors import ArgumentError, UsageError
from nas.model import Network
from nas.model.features import heads, layer_inputs, layer_outputs
from nas.ops.means import MeanSoftmax
from nas.space import parse_space
from nas.space.union import union_of

SPACE = """
name: small
input: [2, 4, 4]
outputs: 3
layers:
  - conv: {width: 4}
  - relu
  - flatten
  - linear: {units: 5}
  - relu
  - linear: {units: outputs}
  - layer_norm
"""


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(parse_space(SPACE).rebuild({})).eval()


@pytest.fixture(scope="module")
def inputs() -> Tensor:
    return torch.randn(6, 2, 4, 4, generator=torch.Generator().manual_seed(0))


def test_what_layers_put_out_and_read(network: Network, inputs: Tensor) -> None:
    with layer_outputs(network, ["conv1", "linear1"]) as outputs, layer_inputs(network, ["linear2"]) as read:
        network(inputs)
    conv = network.get_submodule("conv1")(inputs)
    first = network.get_submodule("linear1")(conv.relu().flatten(1))
    torch.testing.assert_close(dict(outputs), {"conv1": conv, "linear1": first}, rtol=0, atol=0)
    torch.testing.assert_close(read["linear2"], first.relu(), rtol=0, atol=0)
    assert outputs["conv1"].requires_grad


def test_a_run_replaces_what_the_last_one_put_out_and_none_counts_afterwards(network: Network, inputs: Tensor) -> None:
    with layer_outputs(network, ["conv1"]) as outputs:
        for batch in (inputs[:4], inputs[4:]):
            network(batch)
            assert len(outputs["conv1"]) == len(batch)
    network(inputs)
    assert len(outputs["conv1"]) == 2


def test_the_first_of_several_outputs_counts() -> None:
    lstm = nn.LSTM(2, 3, batch_first=True)
    sequences = torch.zeros(4, 5, 2)
    with layer_outputs(nn.ModuleDict({"lstm": lstm}), ["lstm"]) as outputs:
        lstm(sequences)
    assert outputs["lstm"].shape == (4, 5, 3)


@pytest.mark.parametrize(
    ("name", "message"),
    [("linear3", "no layer 'linear3'; did you mean 'linear2'"), ("?", "no layer '?', expected one of conv1, relu1")],
)
def test_layers_that_there_are_not(network: Network, name: str, message: str) -> None:
    for collect in (layer_outputs, layer_inputs):
        with pytest.raises(UsageError, match=message.replace("?", r"\?")), collect(network, ["conv1", name]):
            raise AssertionError("not reached")
    with pytest.raises(ArgumentError, match="names: expected"), layer_outputs(network, 3):  # type: ignore[arg-type]
        raise AssertionError("not reached")


def test_the_last_linear_layer(network: Network) -> None:
    assert heads(network) == ("linear2",)
    union = union_of([network.arch, network.arch], MeanSoftmax())
    assert heads(Network(union)) == ("linear2", "linear4")


def test_the_last_linear_layer_of_any_module() -> None:
    module = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.Linear(3, 4)), nn.ReLU())
    assert heads(module) == ("1.1",)
    assert heads(nn.ReLU()) == ()
