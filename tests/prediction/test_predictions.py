"""Predictions as rows of text."""

import json

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


def test_lines_of_json() -> None:
    chances = np.array([[0.1, 0.9]], np.float32)
    found = Predictions(("ä",), ("cat", "dog"), np.array(["dog"]), chances, None)
    assert found.to_json() == '{"name": "ä", "prediction": "dog", "probabilities": {"cat": 0.1, "dog": 0.9}}\n'
    found = Predictions(("a",), ("x", "y"), np.array([[False, True]]), chances, None)
    assert found.records == [{"name": "a", "prediction": ["y"], "probabilities": {"x": 0.1, "y": 0.9}}]
    found = Predictions(("a", "b"), ("pay",), None, None, np.array([[np.nan], [1 / 3]], np.float32))
    assert [json.loads(line)["values"] for line in found.to_json().splitlines()] == [{"pay": None}, {"pay": 0.33333334}]


def test_parts_and_their_union() -> None:
    values = np.arange(6, dtype=np.float32).reshape(3, 2)
    for found in (
        Predictions(("a", "b", "c"), ("x", "y"), None, None, values),
        Predictions(("a", "b", "c"), ("x", "y"), np.array(["x", "y", "x"]), values, None),
    ):
        again = Predictions.joined([found[:2], found[2:]], ("note",))
        assert (again.to_csv(), again.notes) == (found.to_csv(), ("note",))
        assert found[:1].to_csv() + found[1:].to_csv(header=False) == found.to_csv()
