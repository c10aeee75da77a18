"""Packed convolutions: memory order, and what is refused."""

import torch
from torch import nn

from nas.ops import BatchNorm, Conv, DepthwiseConv, ReLU
from nas.training.packed.convolution import PackedConv, refuses_conv
from tests.training.packed.copies import assert_alike, flat_of, networks_of


def test_filters_keep_the_order_of_the_first() -> None:
    last = [nn.Conv2d(4, 6, 3).to(memory_format=torch.channels_last) for _ in range(2)]  # type: ignore[call-overload]
    for layers, channels_last in ((last, True), ([nn.Conv2d(4, 6, 3) for _ in range(2)], False)):
        weight = PackedConv(layers).weight
        assert weight.shape == (2, 6, 4, 3, 3)
        assert weight.flatten(0, 1).is_contiguous(memory_format=torch.channels_last) == channels_last
        assert torch.equal(weight[1], layers[1].weight)


def test_channels_last() -> None:
    arch = flat_of((1, 8, 8), Conv(4), BatchNorm(), ReLU(), DepthwiseConv(), Conv(6, kernel=1))
    assert arch is not None
    networks = networks_of(arch, dtype=torch.float32)
    for network in networks:
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    assert_alike(networks, tolerance=1e-4)


def test_refusals() -> None:
    assert refuses_conv(nn.Conv2d(1, 1, 3, padding_mode="circular")) == "pads with circular"
    assert refuses_conv(nn.Conv1d(1, 1, 3, padding="same")) == "has padding 'same'"
    assert refuses_conv(nn.Conv1d(1, 1, 3, padding=1)) == ""
