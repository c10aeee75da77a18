"""Calibration: by hand, and of probabilities that are the frequencies."""

import numpy as np
import pytest

from nas.tasks.calibration import BINS, calibration, calibration_error


def test_two_classes_are_those_of_the_second() -> None:
    second = np.array([0.0, 0.04, 0.15, 0.95, 1.0])
    found = calibration(np.stack([1 - second, second], axis=1), np.array([0, 1, 0, 1, 1]), ("no", "yes"))
    assert found.event == "yes"
    assert len(found.bins) == BINS
    first, last = found.bins[0], found.bins[-1]
    assert (first.low, first.high, first.samples, first.observed) == (0, 0.1, 2, 0.5)
    assert first.predicted == pytest.approx(0.02)
    assert (last.samples, last.observed) == (2, 1)
    assert (found.bins[5].samples, found.bins[5].predicted, found.bins[5].observed) == (0, None, None)
    assert found.error == pytest.approx((2 * 0.48 + 0.15 + 2 * 0.025) / 5)


def test_more_classes_are_those_of_the_most_probable() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    found = calibration(probabilities, np.array([0, 1]), ("a", "b", "c"))
    assert found.event is None
    assert found.error == pytest.approx((0.3 + 0.8) / 2)


@pytest.mark.parametrize("classes", [2, 4])
def test_true_probabilities_are_calibrated(classes: int) -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(classes), 20_000)
    targets = (probabilities.cumsum(axis=1) < rng.uniform(size=(20_000, 1))).sum(axis=1)
    assert calibration_error(probabilities, targets) < 0.02  # a bin of 2,000 samples has a standard error of 0.01
    assert calibration_error(probabilities**4 / (probabilities**4).sum(axis=1, keepdims=True), targets) > 0.1
