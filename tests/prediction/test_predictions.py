"""Predictions as rows of text."""

import numpy as np

from nas.prediction import Predictions


def test_classes() -> None:
    chances = np.array([[0.1, 0.9], [0.75, 0.25]], np.float32)
    found = Predictions(("a, b", "c"), ("cat", "dog"), np.array(["dog", "cat"]), chances, None)
    assert len(found) == 2
    assert found.answers == ["dog", "cat"]
    assert found.to_csv() == ('name,prediction,probability cat,probability dog\n"a, b",dog,0.1,0.9\nc,cat,0.75,0.25\n')


def test_labels() -> None:
    chances = np.array([[0.5, 0.25], [0.6, 0.7]], np.float32)
    found = Predictions(("a", "b"), ("x", "y"), np.array([[False, False], [True, True]]), chances, None)
    assert found.header == ("name", "prediction", "probability x", "probability y")
    assert found.rows == [("a", "", "0.5", "0.25"), ("b", "x; y", "0.6", "0.7")]


def test_values() -> None:
    found = Predictions(("a",), ("pay", "age"), None, None, np.array([[1e7, 1 / 3]], np.float32))
    assert found.header == ("name", "prediction pay", "prediction age")
    assert found.rows == [("a", "1e+07", "0.33333334")]
    assert found.answers == ["1e+07; 0.333333"]
