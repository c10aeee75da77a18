"""Averages of weights are those of torch's `AveragedModel`."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from nas.training.averaged import Average


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


def first(network: nn.Sequential) -> nn.Parameter:
    return network.get_parameter("0.weight")


@pytest.mark.parametrize("decay", [0.5, 0.99])
def test_averages_are_those_of_torch_bit_for_bit(decay: float) -> None:
    network = _network()
    ours = Average(network, decay)
    averaging: Any = get_ema_multi_avg_fn  # it has no annotations
    theirs = AveragedModel(network, multi_avg_fn=averaging(decay), use_buffers=True)
    for _ in range(5):
        network(torch.randn(8, 3))
        for parameter in network.parameters():
            parameter.data.add_(torch.randn_like(parameter))
        ours.update()
        theirs.update_parameters(network)
        for name, expected in theirs.module.state_dict().items():
            if expected.is_floating_point():
                assert torch.equal(ours.state()[name], expected), name
    assert ours.state()["1.num_batches_tracked"] == 5, "counters are copied"


def test_the_first_step_begins_the_average() -> None:
    network = _network()
    average = Average(network, 0.99)
    first(network).data.fill_(7.0)
    average.update()
    assert average.state()["0.weight"].eq(7).all()


def test_a_network_shows_its_average_and_has_its_weights_again() -> None:
    network = _network()
    average = Average(network, 0.5)
    weight = first(network)
    for value in (1.0, 3.0):
        weight.data.fill_(value)
        average.update()
    with average.shown():
        assert weight.eq(2).all()
    assert weight.eq(3).all()
    assert average.state()["0.weight"].eq(2).all()
    average.show()
    assert weight.eq(2).all()
    assert first(network) is weight, "a captured step knows its address"
