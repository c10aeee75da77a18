"""The table of metrics: each against scikit-learn called directly, and what it does at the edges."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import pytest
import sklearn.metrics
from numpy.typing import NDArray

from nas.tasks import METRICS, TASKS, Classification
from nas.tasks.metrics import asked_by, measured_in, metric_of
from nas.trial import Objective

Arrays = tuple[NDArray[Any], NDArray[Any]]


class Direct(Protocol):
    def __call__(self, targets: NDArray[Any], predictions: NDArray[Any], /) -> float: ...


def _macro(function: Callable[..., float]) -> Direct:
    return lambda y, p: function(y, p, average="macro")


DIRECT: Mapping[str, Direct] = {
    "acc": sklearn.metrics.accuracy_score,
    "balanced_acc": sklearn.metrics.balanced_accuracy_score,
    "f1": _macro(sklearn.metrics.f1_score),
    "precision": _macro(sklearn.metrics.precision_score),
    "recall": _macro(sklearn.metrics.recall_score),
    "roc_auc": lambda y, p: sklearn.metrics.roc_auc_score(y, p, multi_class="ovr", average="macro"),
    "log_loss": sklearn.metrics.log_loss,
    "rmse": sklearn.metrics.root_mean_squared_error,
    "mae": sklearn.metrics.mean_absolute_error,
    "r2": sklearn.metrics.r2_score,
}
COMPUTED = [name for name, metric in METRICS.items() if metric.compute is not None]


def _arrays(name: str, classes: int = 4) -> Arrays:
    """Predictions of what a metric needs, and targets."""
    rng = np.random.default_rng(0)
    if METRICS[name].needs == "values":
        targets = rng.normal(size=(50, 2)).astype(np.float32)
        return targets + rng.normal(size=(50, 2)).astype(np.float32), targets
    labels, logits = np.arange(50) % classes, rng.normal(size=(50, classes))
    logits[np.arange(50), labels] += 1
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return (logits.argmax(axis=1) if METRICS[name].needs == "labels" else shares), labels


def _value(name: str, predictions: Any, targets: Any) -> float:
    compute = METRICS[name].compute
    assert compute is not None
    return compute(np.asarray(predictions), np.asarray(targets))


@pytest.mark.parametrize("name", COMPUTED)
def test_each_metric_is_that_of_scikit_learn(name: str) -> None:
    predictions, targets = _arrays(name)
    assert _value(name, predictions, targets) == DIRECT[name](targets, predictions)


@pytest.mark.parametrize("name", COMPUTED)
def test_each_metric_stays_in_its_range_and_says_which_way_is_better(name: str) -> None:
    metric, (predictions, targets) = METRICS[name], _arrays(name)
    perfect = np.eye(4)[targets] if metric.needs == "probabilities" else targets
    best, usual = _value(name, perfect, targets), _value(name, predictions, targets)
    assert metric.lowest <= usual <= metric.highest
    assert best == pytest.approx(metric.highest if metric.direction == "maximize" else metric.lowest, abs=1e-9)
    assert best > usual if metric.direction == "maximize" else best < usual


def test_two_classes() -> None:
    shares, targets = _arrays("roc_auc", 2)
    assert _value("roc_auc", shares, targets) == sklearn.metrics.roc_auc_score(targets, shares[:, 1])
    assert _value("log_loss", shares, targets) == sklearn.metrics.log_loss(targets, shares)


@pytest.mark.parametrize(
    ("name", "predictions", "targets", "expected"),
    [
        # A class that the targets do not show, and one that is never predicted.
        ("acc", [2, 1, 1, 1], [0, 0, 1, 1], 0.5),
        ("balanced_acc", [2, 1, 1, 1], [0, 0, 1, 1], 0.5),
        ("recall", [2, 1, 1, 1], [0, 0, 1, 1], 1 / 3),
        ("precision", [1, 1, 1, 1], [0, 0, 1, 1], 0.25),
        ("f1", [1, 1, 1, 1], [0, 0, 1, 1], 1 / 3),
        ("log_loss", [[0.5, 0.25, 0.25]] * 2, [0, 0], math.log(2)),
        # Constant predictions and targets.
        ("roc_auc", [[0.5, 0.5]] * 4, [0, 0, 1, 1], 0.5),
        ("r2", [[1.0]] * 4, [[1.0]] * 4, 1.0),
        ("r2", [[2.0]] * 4, [[1.0]] * 4, 0.0),
        # One sample.
        ("acc", [1], [1], 1.0),
        ("balanced_acc", [0], [1], 0.0),
        ("f1", [0], [1], 0.0),
        ("rmse", [[3.0, 0.0]], [[0.0, 1.0]], 2.0),  # of each target, and then the mean
        ("mae", [[3.0, 0.0]], [[0.0, 1.0]], 2.0),
    ],
)
def test_values_at_the_edges(name: str, predictions: Any, targets: Any, expected: float) -> None:
    assert _value(name, predictions, targets) == pytest.approx(expected)


def test_what_is_not_defined_says_why() -> None:
    reasons = {name: metric.undefined for name, metric in METRICS.items() if metric.undefined is not None}
    assert list(reasons) == ["roc_auc", "r2"]
    assert reasons["roc_auc"](np.array([0, 2, 2]), 4) == "it has no sample of 2 of 4 classes"
    assert reasons["roc_auc"](np.array([0, 1]), 2) == ""
    assert reasons["r2"](np.zeros((1, 3)), 3) == "it has fewer than two samples"
    assert reasons["r2"](np.zeros((2, 3)), 3) == ""


def test_records_by_the_names_of_trials() -> None:
    for name, metric in METRICS.items():
        assert metric.name == name
        assert metric_of(name) is metric_of(f"val_{name}") is metric_of(f"test_{name}") is metric
    assert metric_of("train_loss") is METRICS["loss"]
    assert [metric_of(name) for name in ("val_", "params", "my_acc", "val_accuracy", "")] == [None] * 5
    assert measured_in(["val_loss", "val_f1", "val_acc", "test_acc", "params"]) == ["val_acc", "val_f1"]
    assert measured_in({"test_rmse": 1, "test_loss": 2}, "test") == ["test_rmse"]


def test_standard_deviations_are_shown_as_their_metrics() -> None:
    spread = metric_of("val_acc_sd")
    assert spread is not None
    assert (spread.name, spread.title, spread.percent) == ("acc_sd", "accuracy, standard deviation", True)
    assert (spread.direction, spread.lowest, spread.highest, spread.share) == ("minimize", 0, math.inf, False)
    assert metric_of("train_loss_sd") is not None
    assert [metric_of(name) for name in ("_sd", "val_sd", "params_sd")] == [None] * 3
    assert measured_in(["val_acc_sd", "val_acc"]) == ["val_acc"]
    assert asked_by([Objective("val_f1_sd", "minimize")]) == ["f1"]


def test_metrics_that_objectives_ask_for() -> None:
    objectives = [Objective("val_f1"), Objective("params", "minimize"), Objective("val_speed"), Objective("val_rmse")]
    assert asked_by(objectives) == ["f1", "rmse"]
    assert asked_by(objectives, Classification(("a", "b"))) == ["f1"]


def test_every_metric_is_of_a_task() -> None:
    assert set(METRICS) == {name for task in TASKS.values() for name in task.metrics}
