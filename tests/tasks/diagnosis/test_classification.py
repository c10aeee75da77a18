"""The diagnosis of a classification, against scikit-learn and by hand."""

import numpy as np
import pytest
import sklearn.metrics

from nas.tasks.diagnosis.classification import MOST_CLASSES, MOST_CONFUSED, diagnose_classes

NAMES = tuple("abcd")


def test_figures_and_confusion_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    probabilities, targets = rng.dirichlet(np.ones(4), 200), rng.integers(4, size=200)
    found = diagnose_classes(NAMES, probabilities, targets)
    predicted = probabilities.argmax(axis=1)
    assert found.samples == 200
    assert found.confusion is not None
    assert np.array_equal(found.confusion, sklearn.metrics.confusion_matrix(targets, predicted))
    expected = sklearn.metrics.precision_recall_fscore_support(targets, predicted)
    for place, figures in enumerate(found.classes):
        values = figures.precision, figures.recall, figures.f1, figures.samples
        assert values == pytest.approx([column[place] for column in expected])
        assert (figures.name, figures.predicted) == (NAMES[place], (predicted == place).sum())
    off = np.array(found.confusion) * (1 - np.eye(4, dtype=int))
    sizes = [pair.samples for pair in found.most_confused]
    assert sizes == sorted(off.ravel().tolist(), reverse=True)[:MOST_CONFUSED]
    worst = found.most_confused[0]
    row = NAMES.index(worst.truth)
    assert off[row, NAMES.index(worst.predicted)] == worst.samples
    assert worst.share == worst.samples / (targets == row).sum()
    assert found.roc is None


def test_a_class_without_samples_or_predictions() -> None:
    found = diagnose_classes(("a", "b", "c"), np.array([[1.0, 0, 0], [1, 0, 0]]), np.array([0, 1]))
    a, b, c = found.classes
    assert (a.precision, a.recall) == (0.5, 1.0)
    assert (b.precision, b.recall, b.f1) == (None, 0.0, 0.0)
    assert (c.precision, c.recall, c.f1) == (None, None, None)
    assert [(one.truth, one.predicted, one.share) for one in found.most_confused] == [("b", "a", 1.0)]


def test_two_classes_have_a_curve_and_a_calibration() -> None:
    shares = np.array([0.1, 0.4, 0.35, 0.8])
    found = diagnose_classes(("no", "yes"), np.stack([1 - shares, shares], axis=1), np.array([0, 0, 1, 1]))
    assert found.roc is not None
    assert (found.roc.positive, found.roc.auc) == ("yes", 0.75)
    assert found.calibration.event == "yes"
    assert sum(one.samples for one in found.calibration.bins) == 4


def test_many_classes_have_no_matrix() -> None:
    names = tuple(map(str, range(MOST_CLASSES + 1)))
    found = diagnose_classes(names, np.eye(len(names)), np.arange(len(names)))
    assert found.confusion is None
    assert len(found.classes) == len(names)
    assert found.most_confused == ()
