"""Shadow networks."""

import numpy as np
import pytest
from scipy.stats import norm

from nas.privacy.shadows import halves, likelihood_ratios


@pytest.mark.parametrize("samples", [6, 7])
def test_half_of_the_networks_know_each_sample(samples: int) -> None:
    inside = halves(samples, 8, np.random.default_rng(0))
    assert inside.shape == (8, samples)
    assert set(inside.sum(axis=0)) == {4}
    assert set(inside.sum(axis=1)) == {samples // 2, samples - samples // 2}
    assert len(np.unique(inside, axis=0)) > 4


def test_ratios_are_those_of_gaussians() -> None:
    rng = np.random.default_rng(0)
    inside = halves(20, 6, rng)
    shadows, observed = rng.normal(inside * 2.0, 1.0), rng.normal(size=20)
    expected, groups = (
        np.zeros(20),
        [[row[side] for row, side in zip(shadows.T, one.T, strict=True)] for one in (inside, ~inside)],
    )
    for sign, group in zip((1, -1), groups, strict=True):
        deviation = np.sqrt(np.mean([np.var(row, ddof=1) for row in group]))
        expected += sign * norm.logpdf(observed, [np.mean(row) for row in group], deviation)
    assert likelihood_ratios(observed, shadows, inside) == pytest.approx(expected)


def test_samples_that_all_networks_know_alike_have_no_ratio() -> None:
    found = likelihood_ratios(np.zeros(5), np.zeros((4, 5)), halves(5, 4, np.random.default_rng(0)))
    assert found == pytest.approx(np.zeros(5))
