"""Diagnoses as plain data: written, read again, and refused."""

import json
from typing import Any

import numpy as np
import pytest

from nas.errors import UsageError
from nas.tasks.diagnosis import Diagnosis, diagnosis_of, plain_diagnosis
from nas.tasks.diagnosis.classification import diagnose_classes
from nas.tasks.diagnosis.multilabel import diagnose_labels
from nas.tasks.diagnosis.regression import diagnose_values

MADE: list[Diagnosis] = [
    diagnose_classes(("a", "b"), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), np.array([0, 1, 1])),
    diagnose_classes(("a", "b", "c"), np.array([[0.9, 0.1, 0], [0.2, 0.8, 0]]), np.array([0, 2])),
    diagnose_labels(("a", "b"), (0.5, 0.5), np.array([[0.9, 0.1], [0.2, 0.4]]), np.array([[1, 0], [0, 0]])),
    diagnose_values(("y",), np.array([[1.0], [2.0]]), np.array([[1.0], [1.0]])),
]


@pytest.mark.parametrize("made", MADE)
def test_a_diagnosis_passes_through_json(made: Diagnosis) -> None:
    text = json.dumps(plain_diagnosis(made), allow_nan=False)
    assert diagnosis_of(json.loads(text)) == made


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "a diagnosis is of the task classification, multilabel, regression, got None"),
        ({"task": "x"}, "a diagnosis is of the task classification, multilabel, regression, got 'x'"),
        ({"task": "regression", "samples": "many"}, "these are not data of a diagnosis: "),
    ],
)
def test_what_is_none(data: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        diagnosis_of(data)
    assert str(caught.value).startswith(message)
