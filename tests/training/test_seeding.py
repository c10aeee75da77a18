"""Streams of random numbers, and what is put back."""

import pytest
import torch

from nas.data import Dataset
from nas.errors import EvaluationFailed
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.seeding import order_seed
from nas.training.workbench import Workbench
from tests.training.networks import MLP, arch_of, random_states


def test_weights_and_the_order_of_samples_are_of_streams_of_their_own() -> None:
    # Seeded alike, two generators give one stream: the first weights would say which samples come first.
    for seed in (0, 7, 2**32 - 1):
        weights, order = (torch.Generator().manual_seed(number) for number in (seed, order_seed(seed)))
        draws = torch.stack([torch.rand(4000, generator=generator) for generator in (weights, order)])
        assert abs(torch.corrcoef(draws)[0, 1].item()) < 0.08  # 5 standard deviations
        assert not torch.equal(torch.randperm(50, generator=weights), torch.randperm(50, generator=order))
    assert len({order_seed(seed) for seed in range(1000)}) == 1000


def test_generators_are_put_back_when_a_training_fails(bench: Workbench, corners: Dataset) -> None:
    before = random_states()
    with pytest.raises(EvaluationFailed):
        fit(bench, arch_of(MLP, corners), Recipe(lr=1e30), seed=0)
    assert random_states() == before
