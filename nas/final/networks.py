"""Trained networks: on the device for measurements, and on the CPU, where they are stored."""

from collections.abc import Mapping

import torch
from safetensors.torch import load

from nas.data import Dataset
from nas.model import Network
from nas.space import Architecture
from nas.tasks.metrics import SD
from nas.training.workbench import Workbench, empty_network


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


def score_on_test(bench: Workbench, network: Network) -> Mapping[str, float] | None:
    """The metrics of a network on the test data; None if there are none. Afterwards, the network is on the CPU."""
    if bench.data.test is None:
        return None
    measured = bench.score_samples(network.to(bench.device), bench.data.test, "test")
    network.to("cpu")
    return measured


def tuned_bench(bench: Workbench, network: Network, *, metric: str) -> Workbench:
    """A bench with the task tuned to a network on the validation data. Afterwards, the network is on the CPU.

    Args:
        bench: the data set, device and precision.
        network: a trained network.
        metric: that of the main objective, such as `val_f1`.
    """
    tuned = bench.tuned(network.to(bench.device), metric.removeprefix("val_").removesuffix(SD))
    network.to("cpu")
    return tuned
