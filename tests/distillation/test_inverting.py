"""The settings of an inversion."""

from dataclasses import fields
from typing import Any

import pytest

from nas.distillation import Inverted
from nas.distillation.inverting import Inverting
from nas.errors import ArgumentError


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("count", 0, "1 or more"),
        ("steps", 0, "1 or more"),
        ("batch_size", 1, "2 or more"),
        ("lr", 0.0, "more than 0"),
        ("statistics", -1.0, "0 or more"),
        ("total_variation", -1.0, "0 or more"),
        ("l2", -1.0, "0 or more"),
        ("shift", 1.5, "1 or less"),
        ("seed", -1, "0 or more"),
    ],
)
def test_each_has_its_range(name: str, value: Any, expected: str) -> None:
    with pytest.raises(ArgumentError, match=f"{name}: expected {expected}"):
        Inverted(**{"count": 3, name: value})


def test_they_are_those_of_inputs_that_a_recipe_names() -> None:
    assert [one.name for one in fields(Inverted)] == [one.name for one in fields(Inverting)]
