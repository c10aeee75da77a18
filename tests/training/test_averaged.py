"""Averages of weights are those of torch's `AveragedModel`."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, get_swa_multi_avg_fn, update_bn

from nas.training.averaged import Average, measure_statistics


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


def first(network: nn.Sequential) -> nn.Parameter:
    return network.get_parameter("0.weight")


@pytest.mark.parametrize("decay", [0.5, 0.99, None])
def test_averages_are_those_of_torch_bit_for_bit(decay: float | None) -> None:
    network = _network()
    ours = Average(network, decay)
    ema: Any = get_ema_multi_avg_fn  # they have no annotations
    swa: Any = get_swa_multi_avg_fn
    function = swa() if decay is None else ema(decay)
    theirs = AveragedModel(network, multi_avg_fn=function, use_buffers=decay is not None)  # torch's sums no counters
    for _ in range(5):
        network(torch.randn(8, 3))
        for parameter in network.parameters():
            parameter.data.add_(torch.randn_like(parameter))
        ours.update()
        theirs.update_parameters(network)
        for name, expected in theirs.module.state_dict().items():
            if expected.is_floating_point() and not (decay is None and "running" in name):
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


def test_statistics_are_those_of_torch() -> None:
    network, other = _network(), _network()
    for one in (network[1], other[1]):
        assert isinstance(one, nn.BatchNorm1d)
        one.momentum = 0.3
    batches = [torch.randn(count, 3) for count in (8, 8, 5)]
    for one in (network, other):
        one(torch.randn(8, 3))
    measure_statistics(network, batches)
    reference: Any = update_bn
    reference(batches, other)
    assert network.state_dict().keys() == other.state_dict().keys()
    for name, expected in other.state_dict().items():
        assert torch.equal(network.state_dict()[name], expected), name
    assert "momentum=0.3" in str(network[1])
    assert not network[1].training


def test_nothing_is_dropped_or_drawn_while_statistics_are_measured() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(3))
    batch, before = torch.randn(9, 3), torch.get_rng_state()
    measure_statistics(network, [batch])
    assert torch.equal(torch.get_rng_state(), before)
    torch.testing.assert_close(network.get_buffer("1.running_mean"), batch.mean(0))
    plain = nn.Linear(3, 2)
    measure_statistics(plain, iter([torch.zeros(0)]))  # not read
    assert not plain.training
