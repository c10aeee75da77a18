"""Trained networks on the CPU, where they are stored."""

import torch
from safetensors.torch import load

from nas.data import Dataset
from nas.model import Network
from nas.space import Architecture
from nas.training.workbench import empty_network


def network_with(content: bytes, arch: Architecture, data: Dataset) -> Network:
    """A network with the weights of a safetensors file, on the CPU and in evaluation mode."""
    network = empty_network(arch, data)
    network.load_state_dict(load(content))
    return network.eval()


def stored_form(network: Network) -> Network:
    """A network moved to the CPU, with its weights in the order in which they are stored.

    Weights in channels-last order, which convolutional networks use, cannot be stored.
    """
    return network.to("cpu").to(memory_format=torch.contiguous_format)  # type: ignore[call-overload,no-any-return]
