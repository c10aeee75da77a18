"""Noisy votes and their cost."""

import math
import sys

import numpy as np
import pytest

from nas.errors import UsageError
from nas.privacy.votes import error_of_unanimity, noise_for, noisy_labels, spent


@pytest.mark.parametrize(("epsilon", "delta", "queries"), [(0.1, 1e-6, 10), (2.0, 1e-5, 100), (20.0, 1e-3, 1000)])
def test_noise_meets_epsilon_and_is_no_greater_than_it_takes(epsilon: float, delta: float, queries: int) -> None:
    noise = noise_for(epsilon, delta, queries)
    assert 0.98 * epsilon < spent(noise, delta, queries) <= epsilon
    assert spent(noise, delta, queries + 1) > spent(noise, delta, queries) > spent(noise * 1.1, delta, queries)


def test_epsilon_is_close_below_that_of_the_simple_conversion() -> None:
    """GNMax is (α, α / σ²)-Rényi private for each query, so ε = ρ + 2 sqrt(ρ ln(1 / δ)) (Mironov 2017) bounds it."""
    for noise, queries in ((40.0, 100), (100.0, 500), (10.0, 20)):
        rho = queries / noise**2
        simple = rho + 2 * math.sqrt(rho * math.log(1e5))
        assert 0.75 * simple < spent(noise, 1e-5, queries) < simple


def test_the_most_votes_win_but_for_noise() -> None:
    rng = np.random.default_rng(0)
    votes = rng.integers(3, size=(25, 200))
    counts = np.stack([(votes == one).sum(axis=0) for one in range(3)], axis=1)
    clear = np.sort(counts, axis=1)[:, -1] > np.sort(counts, axis=1)[:, -2]
    assert (noisy_labels(votes, 3, 1e-9, rng) == counts.argmax(axis=1))[clear].all()
    unanimous = np.zeros((20, 4000), dtype=np.intp)
    wrong = (noisy_labels(unanimous, 3, 12.0, rng) != 0).mean()
    assert 0.5 * error_of_unanimity(12.0, 20, 3) < wrong <= error_of_unanimity(12.0, 20, 3)


def test_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="epsilon: 1e-09 with delta 1e-05 cannot be met by 1,000,000 queries"):
        noise_for(1e-9, 1e-5, 10**6)
    for name in ("opacus", "opacus.accountants", "opacus.accountants.utils"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"pip install 'archwright\[private\]'"):
        noise_for(1.0, 1e-5, 10)
