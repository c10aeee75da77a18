"""Rank correlations and their resamples, held against scipy's."""

from functools import partial

import numpy as np
import pytest
from scipy import stats

from nas.errors import UsageError
from nas.statistics.correlation import Ranked, matrix

RNG = np.random.default_rng(0)
X = RNG.integers(0, 8, 30).astype(np.float64)  # with ties
Y = X + RNG.normal(0, 3, 30)


def test_they_are_those_of_scipy_in_the_sample_and_in_each_resample() -> None:
    ranked = Ranked.of(30, resamples=20, seed=1)
    rhos, taus = ranked.spearman(X, Y), ranked.kendall(X, Y)
    assert len(rhos) == len(taus) == 21
    for counts, rho, tau in zip(ranked.counts, rhos, taus, strict=True):
        drawn = np.repeat(np.arange(30), counts.astype(int))
        assert rho == pytest.approx(stats.spearmanr(X[drawn], Y[drawn]).statistic)
        assert tau == pytest.approx(stats.kendalltau(X[drawn], Y[drawn]).statistic)


def test_infinite_values_are_ranked() -> None:
    ranked = Ranked.of(30, resamples=5, seed=0)
    lowest = np.where(X.min() == X, -np.inf, X)
    assert np.array_equal(ranked.spearman(lowest, Y), ranked.spearman(X, Y))
    assert np.array_equal(ranked.kendall(lowest, Y), ranked.kendall(X, Y))


def test_the_interval_is_about_the_value_and_narrows() -> None:
    few, many = (Ranked.of(n, resamples=500, seed=0) for n in (30, 300))
    wide = few.estimate(few.spearman(X, Y))
    x, y = np.tile(X, 10), np.tile(Y, 10)
    narrow = many.estimate(many.spearman(x, y))
    assert wide is not None
    assert narrow is not None
    assert wide.low < wide.value < wide.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 2


def test_what_is_constant_has_no_correlation() -> None:
    ranked = Ranked.of(30, resamples=5, seed=0)
    assert ranked.estimate(ranked.spearman(np.zeros(30), Y)) is None
    assert ranked.estimate(ranked.kendall(np.full(30, -np.inf), Y)) is None


def test_each_pair() -> None:
    sample = Ranked.of(30, resamples=2, seed=0)
    found = matrix([X, Y, -X], sample.spearman)
    assert found.diagonal().tolist() == [1, 1, 1]
    assert found[0, 1] == found[1, 0] == pytest.approx(stats.spearmanr(X, Y).statistic)
    assert found[0, 2] == pytest.approx(-1)


def test_too_few_are_an_error() -> None:
    with pytest.raises(UsageError, match="at least 4 networks, got 3"):
        partial(Ranked.of, resamples=2, seed=0)(3)
