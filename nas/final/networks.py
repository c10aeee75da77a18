"""Trained networks: on the device for measurements, and on the CPU, where they are stored."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from safetensors.torch import load

from nas.data import Dataset
from nas.final.on_test import OnTest
from nas.final.sample_intervals import sample_intervals
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


def score_on_val(bench: Workbench, network: Network) -> Mapping[str, float]:
    """The metrics of a network on the validation data. Afterwards, the network is on the CPU."""
    measured = bench.score(network.to(bench.device), *bench.val)
    network.to("cpu")
    return measured


def scored_on_test(bench: Workbench, network: Network, trained: Sequence[Network], *, seed: int) -> OnTest | None:
    """What is measured on the test data; None if there are none. Afterwards, the networks are on the CPU.

    Args:
        bench: the data set and the tuned task.
        network: that is handed over.
        trained: those of each training of the selected finalist; `network` may be the first of them.
        seed: of the run; the bootstrap over samples has one derived from it.
    """
    samples = bench.data.test
    if samples is None:
        return None
    metrics = bench.score_samples(network.to(bench.device), samples, "test")
    rng = np.random.default_rng(np.random.SeedSequence([seed, 7]))
    intervals = sample_intervals(bench, network, samples, metrics, rng=rng)
    network.to("cpu")
    each = []
    for one in trained if len(trained) > 1 or network is not trained[0] else ():
        each.append(metrics if one is network else bench.score_samples(one.to(bench.device), samples, "test"))
        one.to("cpu")
    return OnTest(metrics, intervals, {name: tuple(one[name] for one in each) for name in metrics if each})


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
