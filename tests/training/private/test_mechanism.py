"""Which samples a batch has, and the noise."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nas.training.private.mechanism import Mechanism
from nas.training.private.plan import Plan
from nas.training.private.privacy import Privacy
from nas.training.workbench import Workbench

PLAN = Plan(noise=2.0, share=0.1, expected=30, steps=400, delta=1e-5)
SEEDED = Privacy(1.0, noise="seeded")


def test_each_sample_is_in_a_batch_with_one_probability_independently(bench: Workbench) -> None:
    known = bench.known
    order, bounds = Mechanism(bench, PLAN, SEEDED, 0).draw()
    sizes = np.diff(bounds)
    assert len(sizes) == 400
    variance = known * 0.1 * 0.9
    assert sizes.mean() == pytest.approx(known * 0.1, abs=4 * (variance / 400) ** 0.5)
    assert sizes.var() == pytest.approx(variance, rel=0.3)
    batches = [order[start:end].tolist() for start, end in pairwise(bounds)]
    assert all(len(set(batch)) == len(batch) for batch in batches)
    there = np.zeros((400, known))
    for place, batch in enumerate(batches):
        there[place, batch] = 1
    assert there.mean(axis=0) == pytest.approx(np.full(known, 0.1), abs=5 * (0.09 / 400) ** 0.5)
    together: NDArray[np.float64] = np.asarray(np.corrcoef(there.T))
    assert together[~np.eye(known, dtype=bool)].mean() == pytest.approx(0, abs=0.005)


def test_batches_are_of_the_rows_of_a_view(bench: Workbench) -> None:
    rows = np.arange(0, 100, 5)
    order, bounds = Mechanism(bench.view(train=rows), PLAN, SEEDED, 0).draw()
    assert set(order.tolist()) == set(rows.tolist())
    assert np.diff(bounds).mean() == pytest.approx(2, abs=0.3)


def test_noise_is_normal(bench: Workbench) -> None:
    noise = Mechanism(bench, PLAN, SEEDED, 0).noise(torch.zeros(200, 100), 1.5)
    assert noise.dtype == torch.float32
    assert noise.mean().item() == pytest.approx(0, abs=0.1)
    assert noise.std().item() == pytest.approx(3.0, rel=0.02)
    assert (noise.abs() > 6).float().mean().item() == pytest.approx(0.0455, abs=0.006)
    assert noise.flatten()[1:] @ noise.flatten()[:-1] / 20_000 == pytest.approx(0, abs=0.3)


def test_only_seeded_noise_can_be_repeated(bench: Workbench) -> None:
    def first(noise: str, seed: int) -> float:
        privacy = Privacy(1.0, noise=noise)  # type: ignore[arg-type]  # one of both
        return Mechanism(bench, PLAN, privacy, seed).noise(torch.zeros(()), 1.0).item()

    assert first("seeded", 3) == first("seeded", 3) != first("seeded", 4)
    assert first("secret", 3) != first("secret", 3)


def test_a_mechanism_goes_on_from_its_state(bench: Workbench) -> None:
    one, other = (Mechanism(bench, PLAN, Privacy(1.0), 0) for _ in range(2))
    one.draw()
    other.state = one.state
    assert torch.equal(one.draw().order, other.draw().order)
    assert torch.equal(one.noise(torch.zeros(5), 1.0), other.noise(torch.zeros(5), 1.0))
    assert one.seed() == other.seed()
