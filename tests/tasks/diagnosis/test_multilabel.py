"""The diagnosis of several labels, against scikit-learn and by hand."""

import numpy as np
import pytest
import sklearn.metrics

from nas.tasks.diagnosis.multilabel import diagnose_labels


def test_figures_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.uniform(size=(100, 3))
    targets = (rng.uniform(size=(100, 3)) < probabilities).astype(np.uint8)
    thresholds = (0.3, 0.5, 0.7)
    found = diagnose_labels(("a", "b", "c"), thresholds, probabilities, targets)
    predicted = probabilities > thresholds
    expected = sklearn.metrics.precision_recall_fscore_support(targets, predicted)
    for place, figures in enumerate(found.labels):
        values = figures.precision, figures.recall, figures.f1, figures.samples
        assert values == pytest.approx([column[place] for column in expected])
        column = targets[:, place], probabilities[:, place]
        assert figures.average_precision == pytest.approx(sklearn.metrics.average_precision_score(*column))
        assert figures.roc_auc == pytest.approx(sklearn.metrics.roc_auc_score(*column))
        assert (figures.threshold, figures.predicted) == (thresholds[place], predicted[:, place].sum())
    assert found.exact == (predicted == targets).all(axis=1).sum() == found.wrong[0]
    assert sum(found.wrong) == found.samples == 100


def test_labels_that_none_or_all_have() -> None:
    found = diagnose_labels(("a", "b"), (0.5, 0.5), np.array([[0.9, 0.1], [0.2, 0.1]]), np.array([[1, 0], [1, 0]]))
    a, b = found.labels
    assert (a.recall, a.average_precision, a.roc_auc) == (0.5, 1.0, None)
    assert (b.precision, b.recall, b.f1, b.average_precision, b.roc_auc) == (None,) * 5
    assert (found.exact, found.wrong) == (1, (1, 1))
