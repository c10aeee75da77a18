"""Which networks compute with channels last, and that this changes rounding only."""

import numpy as np
import pytest
import torch

from nas.data import Dataset, from_arrays
from nas.model import Network
from nas.space import Architecture
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.memory_format import memory_format
from nas.training.workbench import Workbench
from tests.training.networks import arch_of, weights_of

OUTPUT = "flatten, {linear: {units: outputs}}"
CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.fixture(scope="module")
def images() -> Dataset:
    rng = np.random.default_rng(0)
    return from_arrays(rng.integers(0, 256, (48, 3, 6, 6)).astype(np.uint8), np.arange(48) % 3)


@pytest.mark.parametrize(
    ("layers", "on_cpu", "on_cuda"),
    [
        (OUTPUT, torch.contiguous_format, torch.contiguous_format),
        (f"{{conv: {{width: 2}}}}, {OUTPUT}", torch.contiguous_format, torch.channels_last),
        (f"{{conv: {{width: 2}}}}, {{conv: {{width: 2}}}}, {OUTPUT}", torch.channels_last, torch.channels_last),
        (f"{{separable_conv: {{width: 2}}}}, {OUTPUT}", torch.channels_last, torch.channels_last),
    ],
)
def test_networks_with_several_convolutions_compute_with_channels_last(
    layers: str, on_cpu: torch.memory_format, on_cuda: torch.memory_format, images: Dataset
) -> None:
    network = Network(arch_of(layers, images))
    assert (memory_format(network, CPU), memory_format(network, CUDA)) == (on_cpu, on_cuda)


def test_sequences_stay_contiguous() -> None:
    data = from_arrays(np.zeros((12, 2, 9), np.float32), np.arange(12) % 3)
    network = Network(arch_of(f"{{conv: {{width: 2}}}}, {{conv: {{width: 2}}}}, {OUTPUT}", data))
    assert memory_format(network, CPU) is torch.contiguous_format


class Contiguous(Workbench):
    def build(self, arch: Architecture) -> Network:
        network = super().build(arch)
        network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        return network


def test_the_order_changes_rounding_only(images: Dataset) -> None:
    """With SGD: Adam makes large steps of gradients that are nothing but rounding."""
    layers = (
        "{conv: {width: 8}}, batch_norm, relu, {residual: [{separable_conv: {width: 8}}]}, "
        "{parallel: [[{max_pool: {kernel: 2}}], [{avg_pool: {kernel: 2}}]], merge: concat}, " + OUTPUT
    )
    arch, recipe = arch_of(layers, images), Recipe(epochs=2, batch_size=16, lr=0.01, optimizer="sgd")
    ours = fit(Workbench(images, device="cpu"), arch, recipe, seed=0)
    plain = fit(Contiguous(images, device="cpu"), arch, recipe, seed=0)
    conv = "conv1.weight"
    assert not ours.network.get_parameter(conv).is_contiguous()
    assert plain.network.get_parameter(conv).is_contiguous()
    torch.testing.assert_close(weights_of(ours), weights_of(plain), rtol=1e-3, atol=1e-4)
    again = fit(Workbench(images, device="cpu"), arch, recipe, seed=0)
    assert torch.equal(weights_of(ours), weights_of(again))
