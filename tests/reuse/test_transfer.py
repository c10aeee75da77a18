"""A stored network for another task, from its folder."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nas
from nas.data import from_arrays, from_texts
from nas.errors import ArgumentError, UsageError
from nas.prediction import predict
from nas.reuse.transfer import lengthened
from nas.reuse.transferred import Method
from nas.training import Recipe
from nas.training.private.privacy import Privacy
from tests.prediction.exported import Exported
from tests.reuse.conftest import Known

FEW = Recipe(epochs=2, batch_size=8, lr=0.03)


@pytest.mark.parametrize("method", ["probe", "tune"])
def test_what_is_found(known: Known, method: Method, tmp_path: Path) -> None:
    """Figures are those of the network that is written, and of the samples that were asked for."""
    found = nas.transfer(known.folder, known.data, method=method, samples=20, recipe=FEW, steps=60, device="cpu")
    assert (found.train, found.val, found.test) == (10, 10, 80)
    assert (found.data, found.layer, found.features) == ("diagonals", "relu1", 8)
    assert list(found.figures.metrics) == ["val_loss", "val_acc", "test_loss", "test_acc"]
    assert found.figures.metrics["test_acc"] > 0.8
    assert found.scratch is not None
    assert list(found.scratch.metrics) == list(found.figures.metrics)
    found.save(tmp_path / "new")
    test = known.data.test
    assert test is not None
    answers = predict(tmp_path / "new", test.inputs)
    assert answers.outputs == ("falling", "rising")
    assert np.mean(answers.labels == np.array(answers.outputs)[test.targets]) == found.figures.metrics["test_acc"]
    again = nas.transfer(tmp_path / "new", known.data, method="knn", scratch=False, device="cpu")
    assert again.scratch is None
    assert again.network is None
    assert again.figures.metrics["test_acc"] > 0.8


def test_equal_arguments_give_equal_figures(known: Known) -> None:
    first, again, other = (
        nas.transfer(known.folder, known.data, method="tune", samples=20, recipe=FEW, steps=5, seed=seed, device="cpu")
        for seed in (0, 0, 1)
    )
    assert first.figures.metrics == again.figures.metrics != other.figures.metrics


def test_a_task_of_another_kind(known: Known, exported: Mapping[str, Exported]) -> None:
    """The data of a network that was trained on classes have values, or thresholds are tuned."""
    inputs = known.data.train.inputs
    values = from_arrays(inputs, inputs @ [1.5, -2.0] + 0.25, name="sums")
    found = nas.transfer(known.folder, values, scratch=False, device="cpu")
    assert found.task.name == "regression"
    assert found.figures.metrics["val_rmse"] < 1
    labels = exported["texts"]
    thresholds = nas.transfer(labels.folder, labels.data, scratch=False, device="cpu").task.tuning
    assert {len(values) for values in thresholds.values()} == {len(labels.data.outputs)}


def test_data_without_a_test_part(known: Known) -> None:
    found = nas.transfer(known.folder, replace(known.data, test=None), scratch=False, device="cpu")
    assert (found.test, list(found.figures.metrics)) == (0, ["val_loss", "val_acc"])


def test_what_cannot_be(known: Known, tmp_path: Path) -> None:
    texts = from_texts(["good", "bad"] * 10, [0, 1] * 10, name="reviews")
    with pytest.raises(UsageError, match="reviews: the network takes tables, got texts"):
        nas.transfer(known.folder, texts)
    wide = from_arrays(np.zeros((20, 3)), np.arange(20) % 2, name="wide")
    with pytest.raises(UsageError, match=r"wide cannot be prepared for the network: .*\(2,\), got \(3,\)"):
        nas.transfer(known.folder, wide)
    with pytest.raises(UsageError, match="no layer 'conv1'"):
        nas.transfer(known.folder, known.data, layer="conv1")
    with pytest.raises(UsageError, match="has no network"):
        nas.transfer(tmp_path, known.data)
    with pytest.raises(UsageError, match="samples: diagonals has 80 training and validation samples, got 81"):
        nas.transfer(known.folder, known.data, samples=81)
    for wrong in ({"method": "copy"}, {"trunk_rate": 0.0}, {"trunk_rate": 1.5}, {"samples": 0}):
        with pytest.raises(ArgumentError, match=f"transfer: {next(iter(wrong))}"):
            nas.transfer(known.folder, known.data, **wrong)


def test_trainings_of_few_samples_take_more_epochs() -> None:
    recipe = Recipe(epochs=10, batch_size=64)
    assert [lengthened(recipe, samples, 100).epochs for samples in (40, 64, 65, 640, 6400)] == [100, 100, 50, 10, 10]
    assert lengthened(recipe, 40, 0) == recipe


def test_only_what_is_trained_can_be_private(known: Known) -> None:
    recipe = replace(FEW, privacy=Privacy(8.0, 1e-3))
    with pytest.raises(UsageError, match=r"recipe.privacy: probe is not trained by the recipe"):
        nas.transfer(known.folder, known.data, recipe=recipe, device="cpu")
    found = nas.transfer(known.folder, known.data, method="tune", recipe=recipe, steps=5, scratch=False, device="cpu")
    assert 7.8 < found.chosen["epsilon"] <= 8
