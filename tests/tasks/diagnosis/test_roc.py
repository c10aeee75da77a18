"""ROC curves as points: those of scikit-learn, and few enough to draw."""

import numpy as np
import pytest
import sklearn.metrics

from nas.tasks.diagnosis.roc import POINTS, roc


def test_points_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    scores = rng.uniform(size=80).round(2)
    truth = rng.uniform(size=80) < scores
    found = roc("yes", scores, truth)
    assert found is not None
    false, true, _ = sklearn.metrics.roc_curve(truth, scores, drop_intermediate=False)
    points = zip(found.false_positive_rate, found.true_positive_rate, strict=True)
    assert set(points) <= set(zip(false.tolist(), true.tolist(), strict=True))
    area = sklearn.metrics.auc(found.false_positive_rate, found.true_positive_rate)
    assert found.auc == pytest.approx(sklearn.metrics.auc(false, true)) == pytest.approx(area)
    assert len(found.true_positive_rate) < len(true), "points within straight lines are left out"


def test_long_curves_are_thinned_out() -> None:
    rng = np.random.default_rng(0)
    scores = rng.uniform(size=5000)
    truth = rng.uniform(size=5000) < scores
    found = roc("yes", scores, truth)
    assert found is not None
    rates = np.array([found.false_positive_rate, found.true_positive_rate])
    assert rates.shape == (2, POINTS)
    assert rates[:, 0].tolist() == [0, 0]
    assert rates[:, -1].tolist() == [1, 1]
    assert (np.diff(rates) >= 0).all()
    assert sklearn.metrics.auc(*rates) == pytest.approx(found.auc, abs=0.005)


def test_samples_of_one_kind_have_none() -> None:
    assert roc("yes", np.array([0.1, 0.2]), np.array([1, 1])) is None
    assert roc("yes", np.array([0.1, 0.2]), np.array([0, 0])) is None
