"""Several labels: losses and weights, predictions by thresholds, and a problem that is learned and handed over."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import nas
from nas.data import Dataset, from_arrays
from nas.data.folds import make_folds
from nas.errors import UsageError
from nas.final.outputs import Outputs
from nas.tasks import Multilabel
from nas.tasks.criteria import BinaryCrossEntropy
from nas.tasks.metrics import measure
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.losses import make_criterion
from nas.training.workbench import Workbench

NAMES = ("left", "low", "far")
TARGETS = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 0, 1]], np.uint8)
TASK = Multilabel.fitted(NAMES, TARGETS)
SPACE = """
input: [2]
layers: [{linear: {units: {choice: [16, 32]}}}, gelu, {linear: {units: 16}}, gelu, {linear: {units: outputs}}]
"""


@pytest.fixture(scope="module")
def corners() -> Dataset:
    """Points of a square, whose labels are regions; 6 % of them are far."""
    inputs = np.random.default_rng(0).uniform(-1, 1, (900, 2))
    regions = [inputs[:, 0] < 0, inputs[:, 1] < -0.3, np.abs(inputs).sum(axis=1) > 1.65]
    labels: Any = [{name for name, region in zip(NAMES, regions, strict=True) if region[row]} for row in range(900)]
    return from_arrays(inputs[:600], labels[:600], test=(inputs[600:], labels[600:]), classes=NAMES)


def test_predictions_are_by_thresholds() -> None:
    outputs = torch.tensor([[0.1, -0.1, 2.0]])
    assert TASK.thresholds == (0.5, 0.5, 0.5)
    assert TASK.decode(outputs, "labels").tolist() == [[True, False, True]]
    assert TASK.decode(outputs, "probabilities").tolist() == [
        pytest.approx((1 / (1 + np.exp([-0.1, 0.1, -2]))).tolist())
    ]
    tuned = TASK.tuned(lambda needs: np.array([[0.3], [0.2], [0.1], [0.9]]) * np.ones(3), TARGETS, "f1")
    assert tuned.thresholds == pytest.approx((0.15, 0.15, 0.6))
    assert tuned.decode(outputs, "labels").tolist() == [[True, True, True]]
    assert (tuned.outputs, tuned.counts, tuned.tuning) == (TASK.outputs, TASK.counts, {"thresholds": tuned.thresholds})


def test_the_losses_that_recipes_name() -> None:
    assert TASK.counts == ((1, 3), (3, 1), (3, 1))
    balanced = ((2.0, 4 / 6), (4 / 6, 2.0), (4 / 6, 2.0))
    for recipe, expected in (
        (Recipe(), BinaryCrossEntropy()),
        (Recipe(class_weights="balanced"), BinaryCrossEntropy(weights=balanced)),
        (Recipe(loss="focal", class_weights=(1, 2, 3)), BinaryCrossEntropy(2.0, ((1.0, 1.0), (1.0, 2.0), (1.0, 3.0)))),
    ):
        assert make_criterion(TASK, recipe) == expected
    with pytest.raises(UsageError, match=r"^class_weights: `balanced` takes a task with the numbers"):
        make_criterion(Multilabel(NAMES), Recipe(class_weights="balanced"))


def test_splits_and_folds_have_the_shares_of_the_labels(corners: Dataset) -> None:
    everything = np.concatenate([corners.train.targets, corners.val.targets])
    shares = everything.mean(axis=0)
    assert len(corners.val) == pytest.approx(120, abs=1)
    assert corners.val.targets.mean(axis=0) == pytest.approx(shares, abs=0.01)
    folds = make_folds(corners, folds=4, repeats=2)
    assert len(folds) == 8
    for fold in folds:
        assert sorted([*fold.train, *fold.val]) == list(range(600))
        assert everything[fold.val].mean(axis=0) == pytest.approx(shares, abs=0.01)
    assert [fold.val.tolist() for fold in folds] == [
        fold.val.tolist() for fold in make_folds(corners, folds=4, repeats=2)
    ]
    for part in range(0, 8, 4):
        assert sorted(np.concatenate([fold.val for fold in folds[part : part + 4]])) == list(range(600))


def test_what_cannot_be_divided() -> None:
    inputs, labels = np.zeros((6, 1)), np.array([[1, 0], [0, 1], [0, 1], [0, 0], [0, 1], [0, 1]])
    data = from_arrays(inputs, labels, val_share=0.3)
    assert data.train.targets.sum(axis=0).min() >= 1, "the single sample of a label is trained on"
    with pytest.raises(
        UsageError, match=r"^folds: expected two or more samples with and without each label, got fewer"
    ):
        make_folds(data, folds=2)
    with pytest.raises(UsageError, match="of the training samples, all or none would have 'label 0', 'label 1'"):
        from_arrays(inputs, labels, groups=[0, 1, 1, 1, 1, 1], val_share=0.5)
    labels = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [0, 0]])
    grouped = from_arrays(inputs, labels, groups=[0, 0, 1, 1, 2, 2], val=(inputs[:1], labels[2:3]), val_groups=[1])
    with pytest.raises(UsageError, match=r"^fold . of 3: of the samples to train on, all or none would have 'label 0'"):
        make_folds(grouped, folds=3)


def test_regions_are_learned_and_handed_over(corners: Dataset, tmp_path: Path) -> None:
    """The thresholds find more of the rare label than 1/2 does; the exported file predicts with them."""
    assert corners.task.name == "multilabel"
    space = nas.parse_space(SPACE, outputs=3)
    recipe = Recipe(epochs=40, lr=0.02)
    study = nas.search(nas.RandomSearch(space), nas.Train(corners, Recipe(epochs=2, lr=0.02), device="cpu"), trials=2)
    assert getattr(study, "objectives", None) == (nas.Objective("val_average_precision", "maximize"),)
    final = nas.fine_tune(study, corners, recipe=recipe, top=1, device="cpu", metrics=["exact_match"])
    test = final.test
    assert test is not None
    assert list(test) == ["test_loss", "test_f1", "test_average_precision", "test_exact_match"]
    assert test["test_average_precision"] > 0.9
    nas.export(final, tmp_path)
    file: dict[str, Any] = {}
    exec((tmp_path / "model.py").read_text(), file)
    assert (file["LABELS"], file["THRESHOLDS"]) == (NAMES, final.task.tuning["thresholds"])
    model = file["load"](tmp_path / "model.safetensors")
    assert corners.test is not None
    labels, probabilities = model.predict(corners.test.inputs)
    assert probabilities.shape == (len(corners.test), 3)
    found = measure(
        ["f1"], {"labels": np.array([[name in row for name in NAMES] for row in labels])}, corners.test.targets, 3
    )
    assert found["f1"] == pytest.approx(test["test_f1"])


def test_a_bench_is_tuned_by_its_validation_part(corners: Dataset) -> None:
    bench = Workbench(corners, device="cpu")
    arch = nas.parse_space(SPACE, outputs=3).sample(np.random.default_rng(0))
    network = fit(bench, arch, Recipe(epochs=3, lr=0.02, class_weights="balanced"), seed=0).network
    outputs = Outputs(bench, network, "val")
    tuned = outputs.tuned("")
    assert bench.task.tuning["thresholds"] == (0.5, 0.5, 0.5)
    before, after = (one.score(network, *one.val)["val_f1"] for one in (bench, tuned))
    assert after > before
    assert after == outputs.measured(tuned)["val_f1"]
    labels = tuned.task.decode(outputs.values, "labels").numpy()
    assert measure(["f1"], {"labels": labels}, corners.val.targets, 3)["f1"] == after
