"""Normally distributed numbers, held against scikit-learn."""

import numpy as np
import pytest
from sklearn.preprocessing import QuantileTransformer

from nas.data.preparation.quantiles import fit_quantiles, from_normal, to_normal


@pytest.mark.parametrize("count", [3, 200, 2000])
def test_they_are_those_of_scikit_learn(count: int) -> None:
    random = np.random.default_rng(0)
    values = np.where(random.random(count) < 0.3, 0, random.lognormal(size=count))  # many equal ones
    quantiles = fit_quantiles(values)
    assert len(quantiles) == min(count, max(count // 30, 10))
    theirs = QuantileTransformer(n_quantiles=len(quantiles), output_distribution="normal", subsample=None)
    theirs.fit(values[:, None])
    others = np.concatenate([values, random.lognormal(size=100), [-1, 0, 1e6]])
    assert np.allclose(to_normal(others, quantiles), theirs.transform(others[:, None])[:, 0], rtol=0, atol=1e-9)


def test_few_values() -> None:
    assert fit_quantiles(np.empty(0)) == (0.0,)
    assert np.isfinite(to_normal(np.array([-1.0, 0, 1]), (0.0,))).all()
    assert np.isfinite(to_normal(np.array([3.0]), fit_quantiles(np.array([3.0])))).all()


def test_values_come_back() -> None:
    values = np.random.default_rng(0).lognormal(size=500)
    quantiles = fit_quantiles(values)
    normal = to_normal(values, quantiles)
    assert np.allclose([from_normal(value, quantiles) for value in normal], values, rtol=1e-3)
    assert from_normal(9.0, quantiles) == quantiles[-1]
