"""The trivial baselines of all tasks, by hand."""

import numpy as np
import pytest

from nas.tasks import Classification, Multilabel, Regression
from nas.tasks.metrics import measure
from nas.tasks.trivial import Trivial


def test_a_prediction_for_every_sample() -> None:
    trivial = Trivial("always b", {"labels": 1, "probabilities": (0.25, 0.75)})
    found = trivial.repeated(3)
    assert found["labels"].tolist() == [1, 1, 1]
    assert found["probabilities"].tolist() == [[0.25, 0.75]] * 3


def test_the_largest_class_the_most_frequent_set_and_medians() -> None:
    classes = Classification(("cat", "dog")).trivial(np.array([0, 1, 1]))
    assert (classes.text, classes.predictions["labels"]) == ("always dog", 1)
    labels = Multilabel(("cat", "dog", "eel"))
    often = labels.trivial(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], np.uint8))
    assert (often.text, often.predictions["labels"]) == ("always cat, dog", (1, 1, 0))
    assert often.predictions["probabilities"] == pytest.approx((2 / 3, 2 / 3, 1 / 3))
    assert labels.trivial(np.zeros((2, 3), np.uint8)).text == "always no label"
    one, two = Regression(("y",), (0.0,), (1.0,)), Regression(("y", "z"), (0.0, 0.0), (1.0, 1.0))
    median = one.trivial(np.array([[1.0], [2.0], [9.0]]))
    assert (median.text, median.predictions["values"]) == ("always the median 2", (2.0,))
    assert two.trivial(np.array([[1.0, 0.5], [2.0, 0.25]])).text == "always the medians 1.5, 0.375"
    found = measure(["mae", "rmse"], median.repeated(2), np.array([[2.0], [6.0]]), 1)
    assert found == pytest.approx({"mae": 2, "rmse": np.sqrt(8)})
