"""A network that was stored comes back, whatever order in memory it was trained in."""

from collections.abc import Sequence

import numpy as np
import torch
from safetensors.torch import save

from nas.data import Dataset, from_arrays
from nas.final.networks import network_with, stored_form
from nas.ops import Conv, GlobalAvgPool, LogMel
from nas.training.workbench import Workbench
from nas.trial import Trial
from tests.model.layers import chain


def test_a_network_is_stored_and_comes_back(trials: Sequence[Trial], stripes: Dataset) -> None:
    bench, arch = Workbench(stripes, device="cpu"), trials[3].architecture
    network = bench.build(arch).eval()
    assert not network.get_parameter("conv2.weight").is_contiguous(), "in channels-last order"
    x = torch.from_numpy(stripes.val.inputs)
    with torch.no_grad():
        expected = network(x)
    stored = stored_form(network)
    assert all(value.is_contiguous() for value in stored.state_dict().values())
    again = network_with(save(stored.state_dict()), arch, stripes)
    assert not again.training
    with torch.no_grad():
        assert torch.equal(again(x), stored(x))
        torch.testing.assert_close(again(x), expected)


def test_a_network_has_what_follows_from_its_arguments_when_it_comes_back() -> None:
    """The fixed kernels of `log_mel` are not stored with the weights."""
    waves = np.random.default_rng(0).standard_normal((10, 1, 60))
    data = from_arrays(waves, np.arange(10) % 2)
    arch = chain((1, 60), LogMel(1000, mels=2), Conv(2, kernel=1), GlobalAvgPool())
    network = Workbench(data, device="cpu").build(arch).eval()
    before = torch.get_rng_state()
    again = network_with(save(network.state_dict()), arch, data)
    assert torch.equal(torch.get_rng_state(), before)
    x = torch.from_numpy(data.val.inputs)
    assert torch.equal(again(x), network(x))
