"""Copies are scored as single networks are."""

import numpy as np
import pytest
import torch

from nas.data import Dataset
from nas.model import Network
from nas.training.packed.network import PackedNetwork
from nas.training.packed.scoring import Scoring
from nas.training.workbench import Workbench
from tests.training.networks import MLP, arch_of


@pytest.mark.parametrize("sizes", [None, (30, 30, 30), (30, 7, 29)])
def test_metrics_are_those_of_each_copy(corners: Dataset, sizes: tuple[int, ...] | None) -> None:
    bench = Workbench(corners, device="cpu")
    benches = [bench] * 3
    if sizes is not None:
        benches = [bench.view(val=np.arange(13 * copy, 13 * copy + size)) for copy, size in enumerate(sizes)]
    arch = arch_of(MLP, corners)
    networks = []
    for copy, own in enumerate(benches):
        torch.manual_seed(copy)
        networks.append(Network(arch, mean=own.mean, std=own.std))
    found = Scoring(benches, PackedNetwork(networks, [torch.Generator()] * 3))()
    for own, network, metrics in zip(benches, networks, found, strict=True):
        assert metrics == pytest.approx(own.score(network, *own.val), rel=1e-5)
