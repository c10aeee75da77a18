"""Every evaluator that there is, held to the protocol."""

import numpy as np
import pytest

from nas.data import Dataset
from nas.evaluate import EVALUATORS, Cached, Evaluator, Train
from nas.space import Space
from nas.testing import check_evaluator
from nas.training import Recipe

RECIPE = Recipe(epochs=2, batch_size=100)


def _evaluator(name: str, data: Dataset) -> Evaluator:
    match name:
        case "train":
            return Train(data, RECIPE, device="cpu")
        case "cached":
            return Cached(Train(data, RECIPE, device="cpu"))
    raise AssertionError(f"evaluator {name!r} has no case here")


def test_table_is_frozen() -> None:
    # These names stand in run files: taking one away breaks them, and belongs in the changelog.
    assert dict(EVALUATORS) == {"train": Train}


@pytest.mark.parametrize("epochs", [None, 1, 2])
@pytest.mark.parametrize("name", [*EVALUATORS, "cached"])
def test_evaluators_keep_the_protocol(name: str, epochs: int | None, corners: Dataset, space: Space) -> None:
    evaluator = _evaluator(name, corners)
    for arch in (space.sample(np.random.default_rng(seed)) for seed in range(3)):
        check_evaluator(evaluator, arch, epochs=epochs, seed=5)
