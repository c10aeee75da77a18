"""Regression: targets and their scale, the losses, and a function that is learned."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional

import nas
from nas.data import Dataset, from_arrays
from nas.errors import UsageError
from nas.tasks import Regression
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench

SPACE = """
input: [3]
layers:
  - linear: {units: {choice: [16, 32]}}
  - choice: [tanh, gelu]
  - linear: {units: 16}
  - gelu
  - linear: {units: outputs}
"""
Function = Callable[[NDArray[Any]], NDArray[Any]]


def _data(function: Function, **options: Any) -> Dataset:
    inputs = np.random.default_rng(0).uniform(-1, 1, (600, 3))
    targets = function(inputs)
    test = inputs[400:], targets[400:]
    return from_arrays(inputs[:400], targets[:400], test=test, name="function", **options)


def _smooth(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2])


def _units(x: NDArray[Any]) -> NDArray[Any]:
    """Two targets, one of house prices and one of small shares."""
    return np.stack([250_000 + 80_000 * _smooth(x), 1e-4 * x[:, 0] ** 2], axis=1)


def test_targets_and_their_scale() -> None:
    data = _data(_units)
    assert data.task.name == "regression"
    assert data.outputs == ("target 0", "target 1")
    assert _data(_smooth).outputs == ("target",)
    assert data.train.targets.shape == (320, 2)
    assert data.train.targets.dtype == np.float32
    assert data.task.scaling is not None
    # Of the training part alone: what is to be predicted later says nothing about the scale.
    assert data.task.scaling[0] == pytest.approx(data.train.targets.mean(axis=0), rel=1e-4)
    assert data.task.scaling[1] == pytest.approx(data.train.targets.std(axis=0), rel=1e-4)
    constant = from_arrays(np.zeros((4, 1)), [2.5] * 4, val=(np.zeros((1, 1)), [1]))
    assert constant.task.scaling == ((2.5,), (1.0,))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["a", "b"]}, "classes: a regression has no classes"),
        ({"val": (np.zeros((2, 3)), np.zeros((2, 3)))}, "val targets: expected 1 per sample, as in train, got 3"),
        ({"test": (np.zeros((2, 3)), ["a", "b"])}, "test targets: expected numbers, got texts such as 'a'"),
    ],
)
def test_what_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_arrays(np.zeros((8, 3)), np.arange(8) + 0.5, **options)
    assert str(caught.value) == message


def test_whole_numbers_are_values_where_the_task_says_so() -> None:
    data = from_arrays(np.zeros((40, 1)), np.arange(40), task="regression")
    assert data.outputs == ("target",)
    with pytest.raises(UsageError, match="or say task='regression' for values"):
        from_arrays(np.zeros((40, 1)), np.arange(40.0))


def test_losses_are_of_scaled_targets() -> None:
    task = Regression(("a", "b"), (10.0, 0.0), (2.0, 0.5))
    outputs, targets = torch.tensor([[12.0, 1.0], [8.0, 0.0]]), torch.tensor([[10.0, 0.0], [8.0, 0.0]])
    scaled = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
    zeros = torch.zeros(2, 2)
    for name, expected in (("mse", functional.mse_loss), ("huber", functional.huber_loss)):
        criterion = task.losses[name]()
        assert torch.equal(criterion(outputs, targets), expected(scaled, zeros))
        each = criterion(outputs, targets, reduction="none")
        assert each.shape == (len(targets),)
        torch.testing.assert_close(each.mean(), criterion(outputs, targets))
        torch.testing.assert_close(each.sum(), criterion(outputs, targets, reduction="sum"))


@pytest.mark.parametrize("loss", [None, "huber"])
@pytest.mark.parametrize(("function", "targets"), [(_smooth, 1), (_units, 2)])
def test_a_function_is_learned(function: Function, targets: int, loss: str | None) -> None:
    data = _data(function)
    space = nas.parse_space(SPACE, outputs=targets)
    bench = Workbench(data, device="cpu", metrics=["mae", "r2"])
    fitted = fit(bench, space.sample(np.random.default_rng(0)), Recipe(epochs=40, lr=0.02, loss=loss), seed=0)
    assert list(fitted.curves) == ["train_loss", "val_loss", "val_rmse", "val_mae", "val_r2"]
    assert fitted.curves["val_r2"][-1] >= 0.95
    # What the network gives is in the units of the targets, and so are the metrics.
    with torch.no_grad():
        values = fitted.network(torch.from_numpy(data.val.inputs)).numpy()
    errors = values.astype(float) - data.val.targets
    assert fitted.curves["val_rmse"][-1] == pytest.approx(np.sqrt((errors**2).mean(axis=0)).mean(), rel=1e-4)
    assert fitted.curves["val_mae"][-1] == pytest.approx(np.abs(errors).mean(), rel=1e-4)
    std = np.array(data.task.scaling[1]) if data.task.scaling else 1
    assert fitted.curves["val_loss"][-1] == pytest.approx(((errors / std) ** 2).mean(), rel=1e-3)


def test_a_search_from_python(tmp_path: Path) -> None:
    data = _data(_smooth)
    space = nas.parse_space(SPACE, outputs=1)
    study = nas.search(nas.RandomSearch(space), nas.Train(data, Recipe(epochs=6, lr=0.02), device="cpu"), trials=3)
    assert getattr(study, "objectives", None) == (nas.Objective("val_rmse", "minimize"),)
    errors = [trial.metrics["val_rmse"] for trial in study]
    assert [trial.score for trial in study] == [-error for error in errors if isinstance(error, float)]
    final = nas.fine_tune(study, data, recipe=Recipe(epochs=20, lr=0.02), top=2, device="cpu", metrics=["r2"])
    assert final.chosen.metrics["val_rmse"] == min(one.metrics["val_rmse"] for one in final.finalists)
    assert final.test is not None
    assert list(final.test) == ["test_loss", "test_rmse", "test_r2"]
    nas.export(final, tmp_path)
    names: dict[str, Any] = {}
    exec((tmp_path / "model.py").read_text(), names)
    assert names["TARGETS"] == ("target",)
    model = names["load"](tmp_path / "model.safetensors")
    inputs = torch.from_numpy(data.val.inputs)
    with torch.no_grad():
        assert torch.equal(model(inputs), final.chosen.network(inputs))
    assert torch.equal(model.predict(data.val.inputs), model(inputs))
