"""Rankings: against scikit-learn, with equal scores, and where a kind of sample is missing."""

import numpy as np
import pytest
import sklearn.metrics

from nas.tasks.ranking import ranking

SCORES = np.round(np.random.default_rng(0).uniform(size=200), 1)  # many are equal
POSITIVE = np.random.default_rng(1).uniform(size=200) < SCORES


def test_areas_are_those_of_scikit_learn() -> None:
    found = ranking(SCORES, POSITIVE)
    assert found.average_precision == pytest.approx(sklearn.metrics.average_precision_score(POSITIVE, SCORES))
    assert found.roc_auc == pytest.approx(sklearn.metrics.roc_auc_score(POSITIVE, SCORES))


def test_f1_is_that_of_each_cut() -> None:
    found = ranking(SCORES, POSITIVE)
    assert found.scores.tolist() == sorted(set(SCORES.tolist()), reverse=True)
    expected = [sklearn.metrics.f1_score(POSITIVE, score <= SCORES) for score in found.scores]
    assert found.f1 == pytest.approx(expected)


def test_samples_of_one_kind() -> None:
    none, every = ranking(SCORES, np.zeros(200)), ranking(SCORES, np.ones(200))
    assert np.isnan([none.average_precision, none.roc_auc, every.roc_auc]).all()
    assert (none.f1 == 0).all()
    assert every.average_precision == 1
