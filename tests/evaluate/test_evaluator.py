"""Every evaluator that there is, held to the protocol."""

import numpy as np
import pytest

from nas.data import Dataset
from nas.evaluate import EVALUATORS, CrossValidation, Evaluator, Recalled, Train, ZeroCost
from nas.settings import Setting
from nas.space import Space
from nas.testing import check_evaluator
from nas.training import Recipe


def _evaluator(name: str, data: Dataset, space: Space) -> Evaluator:
    """One of the table with its defaults, as a run makes it; and one that recalls."""
    if name == "recalled":
        return Recalled(Train(data, Recipe(epochs=2, batch_size=100), device="cpu"), ())
    return Setting.of(EVALUATORS, name).make({"data": data, "space": space, "device": "cpu"}, "evaluator")


def test_table_is_frozen() -> None:
    # These names stand in run files: taking one away breaks them, and belongs in the changelog.
    assert dict(EVALUATORS) == {"train": Train, "cross_validation": CrossValidation, "zero_cost": ZeroCost}


@pytest.mark.parametrize("epochs", [None, 1, 2])
@pytest.mark.parametrize("name", [*EVALUATORS, "recalled"])
def test_evaluators_keep_the_protocol(name: str, epochs: int | None, corners: Dataset, space: Space) -> None:
    evaluator = _evaluator(name, corners, space)
    for arch in (space.sample(np.random.default_rng(seed)) for seed in range(3)):
        check_evaluator(evaluator, arch, epochs=epochs, seed=5)
