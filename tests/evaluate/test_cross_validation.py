"""Cross-validation: what is trained on what, and that it ranks networks."""

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

import nas
from nas.data import Dataset, from_arrays, load_data
from nas.errors import UsageError
from nas.evaluate import CrossValidation, Train
from nas.space import Architecture, Space, parse_space
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench
from nas.trial import Objective

RECIPE = Recipe(epochs=2, lr=0.02)


@pytest.fixture(scope="module")
def arch(space: Space) -> Architecture:
    return space.sample(np.random.default_rng(0))


def test_each_fold_is_a_training_on_the_other_folds(corners: Dataset, arch: Architecture) -> None:
    """The first fold, rebuilt by hand as a data set of its own: the same bits."""
    inputs, targets = (np.concatenate(arrays) for arrays in zip(corners.train, corners.val, strict=True))
    train, val = next(StratifiedKFold(4, shuffle=True, random_state=9).split(inputs, targets))
    by_hand = from_arrays(inputs[train], targets[train], val=(inputs[val], targets[val]))
    expected = fit(Workbench(by_hand, device="cpu"), arch, RECIPE, seed=3)
    found = CrossValidation(corners, RECIPE, device="cpu", folds=4, split_seed=9)(arch, epochs=2, seed=3)
    for name, curve in expected.curves.items():
        assert found[f"{name}_curve"] == curve


class _Guarded(Dataset):
    """A data set whose test part cannot be read."""

    def __getattribute__(self, name: str) -> Any:
        if name == "test":
            raise AssertionError("the test part was read")
        return super().__getattribute__(name)


def test_the_test_part_is_never_read(corners: Dataset, arch: Architecture) -> None:
    guarded = _Guarded(corners.name, corners.train, corners.val, corners.val, corners.task)
    evaluator = CrossValidation(guarded, Recipe(epochs=1), device="cpu", folds=2)
    evaluator.warm()
    assert "val_acc_sd" in evaluator(arch, epochs=None, seed=0)


def test_values_and_repetitions() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 2))
    data = from_arrays(inputs, inputs @ [300.0, 500.0] + 1e4)
    space = parse_space("layers: [{linear: {units: outputs}}]", input=data.shape, outputs=1)
    evaluator = CrossValidation(data, Recipe(epochs=40, lr=0.05), device="cpu", folds=2, repeats=2, metrics=["r2"])
    assert evaluator.full_epochs == 160
    assert evaluator.objective == Objective("val_rmse", "minimize")
    found = evaluator(space.rebuild({}), epochs=None, seed=0)
    assert found["val_r2"] > 0.8  # type: ignore[operator]
    assert {"val_rmse", "val_rmse_sd", "val_r2_sd", "val_loss_sd", "train_loss_sd"} <= set(found)


def test_groups_are_kept_together() -> None:
    """The label is noise, and one of a group is known by its group: only a fold that shares groups predicts it."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(30), 5)
    inputs = rng.normal(size=(30, 2))[groups] + 1e-3 * rng.normal(size=(150, 2))
    labels = rng.integers(0, 2, 30)[groups]
    space = parse_space(
        "layers: [{linear: {units: 64}}, relu, {linear: {units: 64}}, relu, {linear: {units: outputs}}]",
        input=(2,),
        outputs=2,
    )
    recipe = Recipe(epochs=20, batch_size=80, lr=0.03, weight_decay=0.0)
    accuracies = []
    for given in (groups, None):
        data = from_arrays(inputs, labels, groups=given)
        found = CrossValidation(data, recipe, device="cpu", folds=3)(space.rebuild({}), epochs=None, seed=0)
        accuracies.append(found["val_acc"])
    grouped, leaking = accuracies
    assert grouped < 0.65  # type: ignore[operator]
    assert leaking > 0.75  # type: ignore[operator]


def test_networks_of_digits_are_ranked() -> None:
    """Two epochs on three folds: a network with two hidden units is far below one with 64."""
    data = load_data("digits")
    evaluator = CrossValidation(data, Recipe(epochs=2, lr=0.01), device="cpu", folds=3)
    found = []
    for units in (2, 64):
        layers = f"layers: [flatten, {{linear: {{units: {units}}}}}, relu, {{linear: {{units: outputs}}}}]"
        space = parse_space(layers, input=data.shape, outputs=10)
        found.append(evaluator(space.rebuild({}), epochs=None, seed=0))
    crippled, sensible = found
    margin = sensible["val_acc"] - crippled["val_acc"]  # type: ignore[operator]
    assert margin > 5 * max(sensible["val_acc_sd"], crippled["val_acc_sd"])  # type: ignore[operator]


@pytest.mark.parametrize("controller", ["asha", "hyperband", "successive_halving"])
def test_a_bad_network_ends_after_one_fold(controller: str, corners: Dataset) -> None:
    """Of three networks, one has enough units to tell four corners apart; it alone is promoted to all folds."""
    space = parse_space(
        "layers: [{linear: {units: {choice: [1, 2, 16]}}}, tanh, {linear: {units: outputs}}]", input=(2,), outputs=4
    )
    evaluator = CrossValidation(corners, Recipe(epochs=4, lr=0.05), device="cpu", folds=3)
    settings = {"controller": {"grid": {"order": "file"}}, "min_epochs": 4, "eta": 3}
    study = nas.search({controller: settings}, evaluator, space=space, trials=4, window=1)
    told = [(trial.architecture.choices[0][1], trial.proposal.epochs, trial.proposal.parent) for trial in study]
    assert told == [(1, 4, None), (2, 4, None), (16, 4, None), (16, None, 2)]
    assert ["val_acc_sd" in trial.metrics for trial in study] == [False, False, False, True]
    assert [len(trial.metrics["val_acc_curve"]) for trial in study] == [4] * 4  # type: ignore[arg-type]


def test_folds_that_do_not_fit(corners: Dataset) -> None:
    with pytest.raises(UsageError, match=r"^folds: expected at most 100, the samples of the largest class, got 101$"):
        CrossValidation(corners, folds=101)
    few = from_arrays(np.arange(8.0)[:, None], np.arange(8) % 2, val_share=0.25)
    evaluator = CrossValidation(few, Recipe(epochs=1), device="cpu", folds=4, metrics=["roc_auc"])
    space = parse_space("layers: [{linear: {units: outputs}}]", input=(1,), outputs=2)
    assert evaluator(space.rebuild({}), epochs=None, seed=0)["val_roc_auc"] in np.linspace(0, 1, 5)


def test_what_others_ask_an_evaluator_for(corners: Dataset) -> None:
    """Workers, reports and finalists read these of the evaluator of a run; they are as those of `Train`."""
    settings = {"device": "cpu", "metrics": ["f1"], "objectives": [Objective("val_roc_auc")]}
    evaluators = Train(corners, RECIPE, **settings), CrossValidation(corners, RECIPE, **settings)  # type: ignore[arg-type]
    for name in ("data", "recipe", "device", "measured", "objective"):
        train, validation = (getattr(one, name) for one in evaluators)
        assert train == validation, name
    assert evaluators[0].measured == ("loss", "acc", "f1", "roc_auc")


def test_nothing_of_the_device_goes_to_another_process(corners: Dataset, arch: Architecture) -> None:
    evaluator = CrossValidation(corners, Recipe(epochs=1), device="cpu", folds=2)
    before = evaluator(arch, epochs=None, seed=0)
    content = pickle.dumps(evaluator)
    assert b"Workbench" not in content
    again = pickle.loads(content)(arch, epochs=None, seed=0)  # noqa: S301
    assert {**again, "seconds": 0} == {**before, "seconds": 0}


def test_times_are_among_what_results_depend_on(corners: Dataset) -> None:
    """Results that searches share depend on the times, by which folds are divided."""
    count = len(corners.train) + len(corners.val)
    ahead, back = (replace(corners, times=times) for times in (np.arange(count), -np.arange(count)))
    stated = []
    for data in (ahead, back):
        evaluator = CrossValidation(data, Recipe(epochs=1), device="cpu", folds=2)
        stated.append(evaluator.depends_on())
    assert stated[0] != stated[1]
    with pytest.raises(UsageError, match=r"^repeats: folds by time are not drawn"):
        CrossValidation(ahead, Recipe(epochs=1), device="cpu", folds=2, repeats=2)
