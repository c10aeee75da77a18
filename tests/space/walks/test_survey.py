"""What is told of a space: its size, its options and a sample."""

import re

import numpy as np

from tests.space.walks.conftest import UNITS, many


def test_options_that_none_takes_are_told_apart() -> None:
    found = many({"params": 20 + 2 + 2 + 2 + 2 + 4}).survey(samples=5)
    assert found.size == 2
    assert found.choices["0.0.0.linear.units"] == (1,)
    assert found.unreached["0.0.0.linear.units"] == tuple(UNITS[1:])
    assert found.choices["0.5.0.linear.units"] == (1, 2)
    free = many({}).survey(samples=5)
    assert free.unreached == {}
    assert free.choices == free.universe


def test_the_record() -> None:
    space = many({"params": 500})
    found = space.survey(samples=10, seed=4)
    assert found.example == space.sample(np.random.default_rng(4))
    assert found.to_dict() == space.describe(samples=10, seed=4)
    params = sorted(found.costs["params"])
    assert found.quantiles("params")["min"] == params[0]
    assert found.quantiles("params")["max"] == params[-1]
    assert found.size_note == "exact"


def test_a_size_that_is_not_known_is_estimated_from_the_sample(rough: None) -> None:
    space = many({"params": 500})
    found = space.survey(samples=30)
    assert found.size is space.counted is None
    assert re.fullmatch(r"too large to count under its limits; estimated \S+ ± \S+", found.size_note)
