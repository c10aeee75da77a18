"""Targets in columns; what tables make of them is in `test_labelled.py`."""

import numpy as np
import pytest

from nas.data.targets import MOST_CLASSES, read_targets
from nas.errors import UsageError
from tests.data.test_labelled import columns


def test_few_whole_numbers_are_classes_and_many_are_values() -> None:
    notes: list[str] = []
    few, many = columns(y=[*range(MOST_CLASSES)]), columns(y=[*range(MOST_CLASSES + 1)])
    assert read_targets(few, ("y",), "auto", notes)[1] == "classification"
    assert read_targets(many, ("y",), "auto", notes)[1] == "regression"
    assert [note.split(",")[-2].strip() for note in notes] == ["20 different ones", "21 different ones"]


def test_zeros_and_ones_in_several_columns_are_labels() -> None:
    found, task = read_targets(columns(a=[0, 1], b=[1, 1]), ("a", "b"), "auto", [])
    assert found.dtype == np.int64
    assert task == "auto"
    assert read_targets(columns(a=[0, 1], b=[1, 2]), ("a", "b"), "auto", [])[1] == "regression"


def test_a_word_among_numbers_is_named() -> None:
    table = columns(y=[str(place) for place in range(20)] + ["many"])
    with pytest.raises(UsageError, match=r"^some\.csv: the target 'y' is 'many' in line 22, expected a number"):
        read_targets(table, ("y",), "auto", [])
