"""Thresholds: the F1 that they reach, and labels of which nothing is known."""

import numpy as np
import pytest
import sklearn.metrics
from numpy.typing import NDArray

from nas.tasks.thresholds import best_thresholds, tuned_thresholds


def _problem() -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    rng = np.random.default_rng(0)
    probabilities = rng.uniform(size=(60, 3)) ** 3
    return probabilities, (rng.uniform(size=(60, 3)) < probabilities**0.5).astype(np.uint8)


def test_no_threshold_has_a_higher_f1() -> None:
    probabilities, targets = _problem()
    thresholds = best_thresholds(probabilities, targets)
    for scores, having, threshold in zip(probabilities.T, targets.T, thresholds, strict=True):
        reached = sklearn.metrics.f1_score(having, scores > threshold)
        cuts = scores > np.linspace(-0.001, 1, 400)[:, None]
        tried = 2 * (cuts & (having == 1)).sum(axis=1) / (cuts.sum(axis=1) + having.sum())
        assert reached >= tried.max() - 1e-12
        assert reached > sklearn.metrics.f1_score(having, scores > 0.5)


def test_equal_ones_and_labels_without_samples() -> None:
    probabilities = np.array([[0.2, 0.9, 0.1], [0.4, 0.9, 0.2], [0.7, 0.9, 0.3]])
    targets = np.array([[0, 1, 0], [1, 1, 0], [1, 1, 0]])
    assert best_thresholds(probabilities, targets) == pytest.approx((0.3, 0.5, 0.5))
    assert best_thresholds(np.array([[0.9], [0.9]]), np.array([[1], [0]])) == (0.45,)


def test_thresholds_suit_the_metric_that_a_network_is_selected_by() -> None:
    probabilities, targets = _problem()
    half, each = (0.5,) * 3, best_thresholds(probabilities, targets)
    assert tuned_thresholds("exact_match", probabilities, targets) == half
    assert tuned_thresholds("hamming_loss", probabilities, targets) == half
    assert tuned_thresholds("average_precision", probabilities, targets) == each
    common = tuned_thresholds("micro_f1", probabilities, targets)
    assert len(set(common)) == 1
    reached = sklearn.metrics.f1_score(targets, probabilities > common, average="micro")
    for cut in np.linspace(0, 1, 50):
        assert reached >= sklearn.metrics.f1_score(targets, probabilities > cut, average="micro") - 1e-12
