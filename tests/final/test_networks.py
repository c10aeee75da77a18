"""A network that was stored comes back, whatever order in memory it was trained in."""

from collections.abc import Sequence

from safetensors.torch import save

from nas.data import Dataset
from nas.final.networks import network_with, score_on_test, stored_form
from nas.training.workbench import Workbench
from nas.trial import Trial


def test_a_network_is_stored_and_comes_back(trials: Sequence[Trial], stripes: Dataset) -> None:
    bench, arch = Workbench(stripes, device="cpu"), trials[3].architecture
    network = bench.build(arch).eval()
    assert not network.get_parameter("conv2.weight").is_contiguous(), "in channels-last order"
    expected = score_on_test(bench, network)
    stored = stored_form(network)
    assert all(value.is_contiguous() for value in stored.state_dict().values())
    again = network_with(save(stored.state_dict()), arch, stripes)
    assert not again.training
    assert score_on_test(bench, again) == score_on_test(bench, stored)
    assert expected is not None
    assert (
        score_on_test(Workbench(Dataset("s", stripes.train, stripes.val, None, stripes.task), device="cpu"), again)
        is None
    )
