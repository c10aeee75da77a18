"""The table of tasks: each keeps the contract, and is found by its name or by the targets."""

import json
from typing import Any

import numpy as np
import pytest
import torch

from nas.data import Dataset, from_arrays
from nas.errors import UsageError
from nas.tasks import METRICS, TASKS, Classification, Multilabel, Regression, Task, measured_by, pick_task
from nas.tasks.diagnosis import diagnosis_of, plain_diagnosis
from nas.tasks.metrics import measure

INPUTS = np.zeros((40, 2))
TARGETS: dict[str, Any] = {
    "classification": ["cat", "dog", "eel", "cat"] * 10,
    "multilabel": [["cat", "dog"], ["dog"], [], ["eel", "cat"]] * 10,
    "regression": np.linspace(-1, 5, 80).reshape(40, 2),
}


def _data(name: str) -> Dataset:
    return from_arrays(INPUTS, TARGETS[name], task=name)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_keeps_the_contract(name: str) -> None:
    cls, data = TASKS[name], _data(name)
    task = data.task
    assert isinstance(task, Task)
    assert (cls.name, type(task)) == (name, cls)
    assert data.outputs == task.outputs
    assert set(cls.always) <= set(cls.metrics) <= set(METRICS)
    assert "loss" in cls.always, "a training reports it, and it decides between equal finalists"
    assert cls.objective.metric.removeprefix("val_") in cls.always
    assert METRICS[cls.objective.metric.removeprefix("val_")].direction == cls.objective.direction
    assert "NAMES" in task.meaning
    assert task == from_arrays(INPUTS, TARGETS[name], task=name).task, "a record"
    assert pick_task("auto", TARGETS[name]) is cls
    assert hash(task) == hash(from_arrays(INPUTS, TARGETS[name], task=name).task)
    assert all(getattr(task, field) == value for field, value in task.tuning.items())
    assert all(make() == make() for make in task.losses.values()), "records"


@pytest.mark.parametrize("name", TASKS)
def test_the_trivial_baseline_is_measured_and_diagnosed(name: str) -> None:
    data = _data(name)
    trivial = data.task.trivial(data.train.targets)
    predictions = trivial.repeated(len(data.val))
    found = measure(data.task.metrics, predictions, data.val.targets, len(data.outputs))
    assert set(found) == set(data.task.metrics) - {"loss"}
    assert all(np.isfinite(value) for value in found.values())
    diagnosis = data.task.diagnose(predictions[data.task.diagnosed], data.val.targets)
    assert diagnosis_of(json.loads(json.dumps(plain_diagnosis(diagnosis), allow_nan=False))) == diagnosis


@pytest.mark.parametrize("name", TASKS)
def test_losses_are_means_that_have_gradients(name: str) -> None:
    data = _data(name)
    targets = torch.from_numpy(data.train.targets[:6])
    outputs = torch.randn(6, len(data.outputs), generator=torch.Generator().manual_seed(0)).requires_grad_()
    for make in data.task.losses.values():
        criterion = make()
        mean, total = criterion(outputs, targets), criterion(outputs, targets, reduction="sum")
        assert mean.shape == ()
        assert total.item() == pytest.approx(6 * mean.item(), rel=1e-5)
        each = [criterion(outputs[place : place + 1], targets[place : place + 1]).item() for place in range(6)]
        assert mean.item() == pytest.approx(np.mean(each), rel=1e-5)
        (gradient,) = torch.autograd.grad(mean, outputs)
        assert gradient.abs().sum() > 0


@pytest.mark.parametrize("name", TASKS)
def test_all_that_its_metrics_need_is_decoded(name: str) -> None:
    data = _data(name)
    outputs = torch.randn(len(data.val), len(data.outputs), generator=torch.Generator().manual_seed(0))
    for metric in (METRICS[one] for one in data.task.metrics):
        if metric.compute is not None:
            predictions = data.task.decode(outputs, metric.needs).numpy()
            assert len(predictions) == len(data.val)
            assert metric.lowest <= metric.compute(predictions, data.val.targets) <= metric.highest


def test_what_is_measured() -> None:
    assert measured_by(TASKS["classification"]) == ("loss", "acc")
    assert measured_by(TASKS["classification"], ["recall", "acc", "f1", "f1"]) == ("loss", "acc", "f1", "recall")
    with pytest.raises(UsageError, match=r"^regression has no metric 'r'; it has rmse, mae, r2, loss; did you mean"):
        measured_by(TASKS["regression"], ["r"])


@pytest.mark.parametrize(
    ("targets", "name"),
    [
        ([0, 1, 1], "classification"),
        ([True, False], "classification"),
        (["a", "b"], "classification"),
        ([0.5, 1.0], "regression"),
        (np.array([[0.5, 1], [2, 3]], np.float16), "regression"),
        ([0.0, 1.0], "classification"),  # which refuses them, and says what to do
        ([0.0, np.nan], "classification"),
        ([[0, 1, 1], [1, 0, 0]], "multilabel"),
        ([[0.0, 1, 1], [1, 0, 0]], "multilabel"),
        ([[True, True], [True, False]], "multilabel"),
        ([{3, 4}, set()], "multilabel"),
        ([["a"], ["b", "c"]], "multilabel"),
        ([["a", "b"], ["b", "c"]], "multilabel"),
        (["a;b", "b"], "classification"),  # unless the task is named
        (np.eye(3), "classification"),  # one-hot, which it refuses
        ([[0, 2], [1, 1]], "classification"),
    ],
)
def test_the_task_that_targets_show(targets: Any, name: str) -> None:
    assert pick_task("auto", targets).name == name


def test_an_unknown_task() -> None:
    with pytest.raises(UsageError, match=r"no task is named 'regresion'; there are auto, classification, multil"):
        pick_task("regresion", np.zeros(1))


def test_targets_and_predictions_in_words() -> None:
    classes = Classification(("cat", "dog"))
    assert classes.told(np.array(1)) == "dog"
    assert classes.answer(np.array([0.75, 0.25])) == "cat (75\u00a0%)"
    labels = Multilabel(("sea", "sun"), (0.5, 0.2))
    assert labels.told(np.array([0, 0], np.uint8)) == "no label"
    assert labels.answer(np.array([0.6, 0.3])) == "sea, sun"
    values = Regression.fitted(("a", "b"), np.zeros((2, 2), np.float32))
    assert values.told(np.array([1.5, 123456.7], np.float32)) == "1.5, 123457"
