"""Memory that lives at once."""

import pytest
import torch
from torch import nn

from nas.hardware.memory import MIB, peak_memory
from nas.model import Network
from nas.space import parse_space

CPU = torch.device("cpu")


def peak(*layers: str, input: str, batch: int) -> tuple[float, int]:
    """The peak of a network in bytes, and the bytes of its weights."""
    arch = parse_space(f"input: {input}\nlayers: [{', '.join(layers)}]").rebuild({})
    network = Network(arch).eval()
    weights = sum(one.numel() * one.element_size() for one in [*network.parameters(), *network.buffers()])
    return peak_memory(lambda: (network, torch.zeros(batch, *arch.input)), CPU) * MIB, weights


def test_a_chain_holds_two_values_at_a_time() -> None:
    """100 -> 300 -> 300 -> 10 features: most is needed for the second layer, of 300 and 300, beside the input."""
    linear = [f"{{linear: {{units: {units}}}}}" for units in (300, 300, 10)]
    found, weights = peak(*linear, input="[100]", batch=64)
    assert found == weights + 4 * 64 * (100 + 300 + 300)
    longer, more = peak(*linear[:2], *[linear[1]] * 20, linear[2], input="[100]", batch=64)
    assert longer - more == found - weights, "what was read for the last time is gone"


def test_a_value_that_is_read_later_lives_until_then() -> None:
    inner = "{linear: {units: 100}}, {linear: {units: 100}}, {linear: {units: 100}}"
    plain, weights = peak(inner, input="[100]", batch=64)
    around, same = peak(f"{{residual: [{inner}]}}", input="[100]", batch=64)
    assert weights == same
    assert around - plain == 4 * 64 * 100


def test_views_and_what_is_computed_in_place_count_once() -> None:
    network = nn.Sequential(nn.Flatten(), nn.ReLU(inplace=True))
    found = peak_memory(lambda: (network, torch.zeros(8, 5, 5)), CPU)
    assert found * MIB == 4 * 8 * 25


def test_a_cuda_device_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"memory_allocated": 3 * MIB, "max_memory_allocated": 10 * MIB, "reset_peak_memory_stats": None}
    for name, answer in {**answers, "synchronize": None}.items():
        monkeypatch.setattr(torch.cuda, name, lambda device, answer=answer: answer)
    assert peak_memory(lambda: (nn.Identity(), torch.zeros(1)), torch.device("cuda")) == 7.0
