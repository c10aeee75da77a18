"""The order in memory of the channels of images, within a network."""

import torch
from torch import nn

FEWEST = 2
"""Convolutions from which channels-last order pays on CPUs; a single one does not make up for reordering its input."""


def memory_format(network: nn.Module, device: torch.device) -> torch.memory_format:
    """The order in which a network computes fastest on a device: channels last with 2-D convolutions, else contiguous.

    Convolutions compute in the order of their weights and pass it on, so that the weights decide for the network. The
    results of the two orders differ by rounding. See `benchmarks/channels_last.py`.
    """
    convolutions = sum(isinstance(module, nn.Conv2d) for module in network.modules())
    fewest = FEWEST if device.type == "cpu" else 1
    return torch.channels_last if convolutions >= fewest else torch.contiguous_format
