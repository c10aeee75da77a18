"""Run files and comparison files evaluate by one declaration."""

import pytest

from nas.comparison.config import TrainingProblem
from nas.evaluate.evaluation import Evaluation
from nas.runs.config import RunConfig
from nas.settings.signature import keys_of


@pytest.mark.parametrize("declared", [RunConfig, TrainingProblem])
def test_the_keys_are_those_of_the_declaration(declared: type[Evaluation]) -> None:
    keys = keys_of(declared)
    for name, key in keys_of(Evaluation).items():
        assert keys[name] == key
        assert key.about, f"{name} is described"
