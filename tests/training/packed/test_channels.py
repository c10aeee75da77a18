"""Packed layers that move channels."""

import torch
from torch import nn

from nas.training.packed.channels import PackedChannelShuffle, concatenated, refuses_flatten


def test_channels_are_shuffled_within_their_copy() -> None:
    x = torch.arange(12.0).view(1, 12, 1)
    shuffled = PackedChannelShuffle([nn.ChannelShuffle(2), nn.ChannelShuffle(2)])(x)
    assert shuffled.flatten().tolist() == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]


def test_maps_are_joined_within_their_copy() -> None:
    first, second = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0, 5.0, 6.0]])
    assert concatenated([first[..., None], second[..., None]], 2).flatten().tolist() == [1, 3, 4, 2, 5, 6]


def test_refusals() -> None:
    assert refuses_flatten(nn.Flatten(0)) == "flattens dimensions 0 to -1"
    assert refuses_flatten(nn.Flatten(1, 2)) == "flattens dimensions 1 to 2"
    assert refuses_flatten(nn.Flatten()) == refuses_flatten(nn.Flatten(2)) == ""
