"""The diagnosis of a regression, against scikit-learn and by hand."""

import numpy as np
import pytest
import sklearn.metrics

from nas.tasks.diagnosis.regression import POINTS, QUANTILES, diagnose_values


def test_figures_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    targets = rng.normal(size=(900, 2)).astype(np.float32) * [1000, 1]
    values = targets + rng.normal(size=(900, 2)) * [100, 2] + [5, 0]
    found = diagnose_values(("price", "share"), values, targets)
    assert (found.samples, [one.name for one in found.targets]) == (900, ["price", "share"])
    for place, one in enumerate(found.targets):
        column = targets[:, place], values[:, place]
        assert one.rmse == pytest.approx(sklearn.metrics.root_mean_squared_error(*column))
        assert one.mae == pytest.approx(sklearn.metrics.mean_absolute_error(*column))
        assert one.r2 == pytest.approx(sklearn.metrics.r2_score(*column))
        residuals = column[1] - column[0]
        assert one.bias == pytest.approx(residuals.mean())
        assert one.residuals == pytest.approx(np.quantile(residuals, QUANTILES).tolist())
        assert len(one.points) == POINTS
        assert one.points[0] == pytest.approx((column[0][0], column[1][0]))
        assert one.points[-1] == pytest.approx((column[0][-1], column[1][-1]))


def test_one_sample_and_equal_targets() -> None:
    (one,) = diagnose_values(("y",), np.array([[3.0]]), np.array([[1.0]])).targets
    assert (one.rmse, one.mae, one.bias, one.r2) == (2, 2, 2, None)
    assert one.residuals == (2,) * len(QUANTILES)
    assert one.points == ((1, 3),)
