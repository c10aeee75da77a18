"""The sum of training losses: its value, where it is reported, and what it is asked for by."""

from math import fsum
from typing import Any

import numpy as np
import pytest

from nas.data import Dataset
from nas.evaluate import Train
from nas.evaluate.cross_validation import CrossValidation
from nas.evaluate.tse import asks_for_tse, with_tse
from nas.space import Space
from nas.training import Recipe
from nas.trial import Metrics, Objective

MINIMIZED = Objective("tse", "minimize")


def test_it_is_the_sum_over_epochs() -> None:
    metrics: Metrics = {"val_acc": 0.5, "train_loss": 0.25, "train_loss_curve": (1.0, 0.5, 0.25)}
    assert with_tse(metrics) == {**metrics, "tse": 1.75}
    with pytest.raises(TypeError, match="train_loss_curve must be a curve"):
        with_tse({"train_loss_curve": 1.0})


def test_what_asks_for_it() -> None:
    assert asks_for_tse(["tse"], ())
    assert asks_for_tse((), [Objective("val_acc"), MINIMIZED])
    assert not asks_for_tse(["f1"], [Objective("val_acc")])


@pytest.mark.parametrize(
    "asked", [{"metrics": ["f1", "tse"]}, {"objectives": [MINIMIZED]}], ids=["metric", "objective"]
)
def test_a_training_reports_it_if_asked(asked: Any, corners: Dataset, space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    plain = Train(corners, Recipe(epochs=3), device="cpu")(arch, epochs=2, seed=0)
    metrics = Train(corners, Recipe(epochs=3), device="cpu", **asked)(arch, epochs=2, seed=0)
    assert "tse" not in plain
    assert metrics["tse"] == fsum(plain["train_loss_curve"])  # type: ignore[arg-type]
    assert len(metrics["train_loss_curve"]) == 2  # type: ignore[arg-type]
    assert MINIMIZED.score(metrics) == -metrics["tse"]


def test_a_cross_validation_reports_the_mean_over_folds(corners: Dataset, space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    evaluator = CrossValidation(corners, Recipe(epochs=2), folds=2, device="cpu", metrics=["tse"])
    metrics = evaluator(arch, epochs=None, seed=0)
    assert metrics["tse"] == fsum(metrics["train_loss_curve"])  # type: ignore[arg-type]
