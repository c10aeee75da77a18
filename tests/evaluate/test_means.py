"""Means over several trainings, their fidelity, and their checkpoints."""

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pytest

from nas.data import Dataset
from nas.errors import EvaluationFailed, UsageError
from nas.evaluate import CrossValidation, Train, means
from nas.evaluate.means import Trained, member_seed, summarised
from nas.space import Architecture, Space
from nas.testing import check_evaluator
from nas.training import Checkpoints, Recipe, fit, several
from nas.trial import Metrics, Objective

RECIPE = Recipe(epochs=2, lr=0.02)
METRICS = ("train_loss", "val_loss", "val_acc")


@pytest.fixture(scope="module")
def arch(space: Space) -> Architecture:
    return space.sample(np.random.default_rng(0))


def _plain(metrics: Metrics) -> Mapping[str, Any]:
    return {name: value for name, value in metrics.items() if name != "seconds"}


def test_the_seed_of_the_first_training_is_that_of_the_evaluation() -> None:
    assert member_seed(7, 0) == 7
    others = [member_seed(seed, place) for seed in range(3) for place in range(1, 20)]
    assert len(set(others)) == len(others)
    assert all(0 <= seed < 2**32 for seed in others)


def test_summaries_by_hand(arch: Architecture) -> None:
    trainings = [Trained({"val_acc": (0.25, 0.5)}, 2.0), Trained({"val_acc": (0.75, 1.0)}, 3.0)]
    assert summarised(trainings, arch, seconds=5.0) == {
        "val_acc": 0.75,
        "val_acc_sd": pytest.approx(0.125**0.5),
        "params": arch.params,
        "macs": arch.macs,
        "seconds": 5.0,
        "val_acc_curve": (0.5, 0.75),
    }
    assert "val_acc_sd" not in summarised(trainings[:1], arch, seconds=0.0), "it takes two"
    spent = [Trained(trainings[0].curves, 1.0, privacy={"epsilon": epsilon}) for epsilon in (2, 3)]
    assert summarised(spent, arch, seconds=1.0)["epsilon"] == 3
    sooner = summarised([Trained({"val_acc": (0.5,)}, 1.0), trainings[1]], arch, seconds=0.0)
    assert sooner["val_acc_curve"] == (0.625, 0.75), "its last value stands for it"
    assert sooner["val_acc"] == 0.75


def test_repeated_trainings_are_trainings_from_other_seeds(corners: Dataset, arch: Architecture) -> None:
    seen: list[int] = []
    train = Train(corners, RECIPE, device="cpu", repeats=3, on_epoch=lambda epoch, _: seen.append(epoch))
    assert train.full_epochs == 6
    found = train(arch, epochs=None, seed=5)
    assert seen == [1, 2, 3, 4, 5, 6]
    alone = Train(corners, RECIPE, device="cpu")
    each = [alone(arch, epochs=None, seed=member_seed(5, place)) for place in range(3)]
    curves = [f"{name}_curve" for name in METRICS]
    assert list(found) == [*METRICS, *(f"{name}_sd" for name in METRICS), "params", "macs", "seconds", *curves]
    assert set(Train.metrics) >= {name for name in found if not name.endswith("_curve")}
    for name in METRICS:
        values = [float(one[name]) for one in each]  # type: ignore[arg-type]
        assert found[name] == pytest.approx(fmean(values), rel=1e-4)
        assert found[f"{name}_sd"] == pytest.approx(stdev(values), rel=1e-2, abs=1e-6)
        assert len(found[f"{name}_curve"]) == 2  # type: ignore[arg-type]
    # The first of them is the training that there would be alone.
    assert _plain(train(arch, epochs=2, seed=5)) == _plain(each[0])
    assert _plain(train(arch, epochs=1, seed=5)) == _plain(alone(arch, epochs=1, seed=5))


def _evaluator(name: str, corners: Dataset, checkpoints: Checkpoints | None = None) -> Train | CrossValidation:
    if name == "train":
        return Train(corners, RECIPE, device="cpu", repeats=3, checkpoints=checkpoints)
    return CrossValidation(corners, RECIPE, device="cpu", folds=3, checkpoints=checkpoints)


@pytest.mark.parametrize("name", ["train", "cross_validation"])
def test_the_number_of_trainings_is_the_fidelity(
    name: str, corners: Dataset, arch: Architecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A truncated evaluation has the results of the first ones of the full one; bit for bit, if none are packed."""
    told: list[list[Trained]] = []

    def told_summarised(trainings: list[Trained], *args: Any, **kwargs: Any) -> Metrics:
        told.append(list(trainings))
        return summarised(trainings, *args, **kwargs)

    monkeypatch.setattr(means, "summarised", told_summarised)
    evaluator = _evaluator(name, corners)
    evaluator(arch, epochs=None, seed=1)
    packed = [one.curves for one in told.pop()]
    monkeypatch.setattr(several, "packs", lambda *_, **__: False)
    epochs = (1, 2, 3, 4, 5, None)
    for one in epochs:
        evaluator(arch, epochs=one, seed=1)
    curves = [[one.curves for one in trainings] for trainings in told]
    full = curves[-1]
    assert curves[0] == [{metric: curve[:1] for metric, curve in full[0].items()}]
    assert [len(one) for one in curves[1:]] == [1, 1, 2, 2, 3]
    assert all(one == full[: len(one)] for one in curves[1:])
    for found, expected in zip(packed, full, strict=True):
        assert found["train_loss"] == pytest.approx(expected["train_loss"], rel=1e-4)
    with pytest.raises(UsageError, match=r"^the full training has 6 epochs, but 7 were requested$"):
        evaluator(arch, epochs=7, seed=1)
    with pytest.raises(UsageError, match=r"^training needs at least 1 epoch, got 0$"):
        evaluator(arch, epochs=0, seed=1)


@pytest.mark.parametrize("name", ["train", "cross_validation"])
def test_finished_trainings_are_not_trained_again(
    name: str, corners: Dataset, arch: Architecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[int] = []
    original = fit.fit

    def counting(*args: Any, on_epoch: Any, **kwargs: Any) -> Any:
        def count(epoch: int, measured: Mapping[str, float]) -> None:
            trained.append(epoch)
            if on_epoch is not None:
                on_epoch(epoch, measured)

        return original(*args, on_epoch=count, **kwargs)

    monkeypatch.setattr(fit, "fit", counting)
    monkeypatch.setattr(several, "fit", counting)
    monkeypatch.setattr(several, "packs", lambda *_, **__: False)
    alone = _evaluator(name, corners)
    evaluator = _evaluator(name, corners, Checkpoints(tmp_path))
    # Epochs asked for, one after the other, and those of each training that are trained for it.
    for epochs, expected in ((1, [1]), (2, [2]), (5, [1, 2]), (None, [1, 2])):
        trained.clear()
        found = evaluator(arch, epochs=epochs, seed=1)
        assert trained == expected
        assert _plain(found) == _plain(alone(arch, epochs=epochs, seed=1))
    assert list(tmp_path.iterdir()) == [], "nothing is left of a finished evaluation"
    evaluator(arch, epochs=4, seed=1)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    assert len(json.loads(content)) == 2
    trained.clear()
    evaluator(arch, epochs=4, seed=2)
    assert trained == [1, 2, 1, 2], "of another seed"
    path.write_bytes(content[:-1])
    assert _plain(evaluator(arch, epochs=None, seed=1)) == _plain(alone(arch, epochs=None, seed=1))


def test_a_packed_evaluation_does_not_depend_on_what_was_stored(
    corners: Dataset, arch: Architecture, tmp_path: Path
) -> None:
    evaluator = _evaluator("train", corners, Checkpoints(tmp_path))
    for epochs in (1, 4):
        evaluator(arch, epochs=epochs, seed=1)
        assert list(tmp_path.iterdir()) != []
        found = evaluator(arch, epochs=None, seed=1)
        assert _plain(found) == _plain(_evaluator("train", corners)(arch, epochs=None, seed=1))
        assert list(tmp_path.iterdir()) == []


def test_a_begun_training_is_continued_within_a_longer_evaluation(
    corners: Dataset, arch: Architecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(several, "packs", lambda *_, **__: False)
    seen: list[int] = []
    checkpoints = Checkpoints(tmp_path)
    train = Train(
        corners, RECIPE, device="cpu", repeats=2, checkpoints=checkpoints, on_epoch=lambda epoch, _: seen.append(epoch)
    )
    train(arch, epochs=1, seed=0)
    whole = train(arch, epochs=None, seed=0)
    assert seen == [1, 2, 3, 4]
    assert _plain(whole) == _plain(Train(corners, RECIPE, device="cpu", repeats=2)(arch, epochs=None, seed=0))


def test_the_contract_of_evaluators(corners: Dataset, arch: Architecture) -> None:
    check_evaluator(Train(corners, RECIPE, device="cpu", repeats=2), arch, epochs=None)
    check_evaluator(CrossValidation(corners, RECIPE, device="cpu", folds=2), arch, epochs=None)


def test_a_training_that_fails_fails_the_evaluation(corners: Dataset, arch: Architecture) -> None:
    train = Train(corners, Recipe(epochs=1, lr=1e30), device="cpu", repeats=2)
    with pytest.raises(EvaluationFailed, match=r"^NONFINITE: "):
        train(arch, epochs=None, seed=0)


def test_a_standard_deviation_takes_two_trainings(corners: Dataset, arch: Architecture) -> None:
    objectives = [Objective("val_f1_sd", "minimize")]
    with pytest.raises(UsageError, match=r"^objective 'val_f1_sd': a standard deviation takes `repeats` of 2 or more"):
        Train(corners, RECIPE, objectives=objectives)
    found = Train(corners, Recipe(epochs=1), device="cpu", repeats=2, objectives=objectives)(arch, epochs=None, seed=0)
    assert 0 <= objectives[0].value(objectives[0].score(found)) < 1
