"""The table of metrics: each against scikit-learn called directly, and what it does at the edges."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import pytest
import sklearn.metrics
from numpy.typing import NDArray

from nas.tasks import METRICS, TASKS, Classification
from nas.tasks.metrics import asked_by, measure, measured_in, metric_of, why_undefined
from nas.trial import Objective

Arrays = tuple[NDArray[Any], NDArray[Any]]


class Direct(Protocol):
    def __call__(self, targets: NDArray[Any], predictions: NDArray[Any], /) -> float: ...


def _macro(function: Callable[..., float]) -> Direct:
    return lambda y, p: function(y, p, average="macro")


def _double(function: Callable[..., float]) -> Direct:
    """scikit-learn adds up values in their own precision."""
    return lambda y, p: function(y.astype(np.float64), p.astype(np.float64))


def _binned_by_hand(predicted: NDArray[Any], true: NDArray[Any]) -> float:
    bins = np.digitize(predicted, np.arange(1, 10) / 10)
    gaps = [abs(predicted[bins == one].sum() - true[bins == one].sum()) for one in range(10)]
    return float(sum(gaps) / len(true))


DIRECT: Mapping[str, Direct] = {
    "acc": sklearn.metrics.accuracy_score,
    "balanced_acc": sklearn.metrics.balanced_accuracy_score,
    "f1": _macro(sklearn.metrics.f1_score),
    "precision": _macro(sklearn.metrics.precision_score),
    "recall": _macro(sklearn.metrics.recall_score),
    "mcc": sklearn.metrics.matthews_corrcoef,
    "average_precision": _macro(sklearn.metrics.average_precision_score),
    "roc_auc": lambda y, p: sklearn.metrics.roc_auc_score(y, p, multi_class="ovr", average="macro"),
    "log_loss": sklearn.metrics.log_loss,
    "brier": sklearn.metrics.brier_score_loss,
    "ece": lambda y, p: _binned_by_hand(p.max(axis=1), p.argmax(axis=1) == y),
    "rmse": _double(sklearn.metrics.root_mean_squared_error),
    "mae": _double(sklearn.metrics.mean_absolute_error),
    "r2": sklearn.metrics.r2_score,
}
OF_LABELS: Mapping[str, Direct] = {
    "exact_match": sklearn.metrics.accuracy_score,
    "f1": _macro(sklearn.metrics.f1_score),
    "precision": _macro(sklearn.metrics.precision_score),
    "recall": _macro(sklearn.metrics.recall_score),
    "micro_f1": lambda y, p: sklearn.metrics.f1_score(y, p, average="micro"),
    "hamming_loss": sklearn.metrics.hamming_loss,
    "average_precision": _macro(sklearn.metrics.average_precision_score),
    "roc_auc": _macro(sklearn.metrics.roc_auc_score),
}
COMPUTED = [(task, name) for task in TASKS for name in TASKS[task].metrics if METRICS[name].compute is not None]


def _arrays(task: str, name: str, classes: int = 4) -> Arrays:
    """Predictions of what a metric needs, and targets."""
    rng = np.random.default_rng(0)
    needs = METRICS[name].needs
    if task == "regression":
        targets = rng.normal(size=(50, 2)).astype(np.float32)
        return targets + rng.normal(size=(50, 2)).astype(np.float32), targets
    if task == "multilabel":
        having = rng.uniform(size=(50, classes)) < 0.3
        scores = rng.uniform(size=(50, classes)).round(1) * 0.6 + 0.4 * having
        return scores > 0.5 if needs == "labels" else scores, having.astype(np.uint8)
    labels, logits = np.arange(50) % classes, rng.normal(size=(50, classes))
    logits[np.arange(50), labels] += 1
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return (logits.argmax(axis=1) if needs == "labels" else shares), labels


def _value(name: str, predictions: Any, targets: Any) -> float:
    compute = METRICS[name].compute
    assert compute is not None
    return compute(np.asarray(predictions), np.asarray(targets))


@pytest.mark.parametrize(("task", "name"), COMPUTED)
def test_each_metric_is_that_of_scikit_learn(task: str, name: str) -> None:
    predictions, targets = _arrays(task, name)
    direct = OF_LABELS[name] if task == "multilabel" else DIRECT[name]
    assert _value(name, predictions, targets) == pytest.approx(direct(targets, predictions), rel=1e-12)


@pytest.mark.parametrize(("task", "name"), COMPUTED)
def test_each_metric_stays_in_its_range_and_says_which_way_is_better(task: str, name: str) -> None:
    metric, (predictions, targets) = METRICS[name], _arrays(task, name)
    one_hot = metric.needs == "probabilities" and task == "classification"
    best, usual = _value(name, np.eye(4)[targets] if one_hot else targets, targets), _value(name, predictions, targets)
    assert metric.lowest <= usual <= metric.highest
    assert best == pytest.approx(metric.highest if metric.direction == "maximize" else metric.lowest, abs=1e-9)
    assert best > usual if metric.direction == "maximize" else best < usual


def test_two_classes() -> None:
    shares, targets = _arrays("classification", "roc_auc", 2)
    assert _value("roc_auc", shares, targets) == pytest.approx(sklearn.metrics.roc_auc_score(targets, shares[:, 1]))
    assert _value("log_loss", shares, targets) == sklearn.metrics.log_loss(targets, shares)
    precision = sklearn.metrics.average_precision_score(targets, shares[:, 1])
    assert _value("average_precision", shares, targets) == pytest.approx(precision)
    assert _value("brier", shares, targets) == pytest.approx(sklearn.metrics.brier_score_loss(targets, shares[:, 1]))
    assert _value("ece", shares, targets) == pytest.approx(_binned_by_hand(shares[:, 1], targets == 1))


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
        # Labels that no sample has, that are never predicted, or both.
        ("f1", [[1, 0, 0], [1, 0, 0]], [[1, 1, 0], [0, 1, 0]], 2 / 9),
        ("precision", [[1, 0, 0], [1, 0, 0]], [[1, 1, 0], [0, 1, 0]], 1 / 6),
        ("recall", [[1, 0, 0], [1, 0, 0]], [[1, 1, 0], [0, 1, 0]], 1 / 3),
        ("micro_f1", [[0, 0]], [[0, 0]], 0.0),
        ("average_precision", [[0.9, 0.2], [0.1, 0.3]], [[1, 0], [0, 0]], 1.0),
        ("roc_auc", [[0.1, 0.2], [0.9, 0.3]], [[1, 0], [0, 0]], 0.0),
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
    assert list(reasons) == ["average_precision", "roc_auc", "r2"]
    for name in ("average_precision", "roc_auc"):
        assert why_undefined(name, np.array([0, 2, 2]), 4) == "it has no sample of 2 of 4 classes"
        assert why_undefined(name, np.array([0, 1]), 2) == ""
        assert why_undefined(name, np.array([[0, 1], [0, 1]]), 2) == "no label has samples with it and without it"
        assert why_undefined(name, np.array([[0, 1], [1, 1]]), 2) == ""
    assert why_undefined("r2", np.zeros((1, 3)), 3) == "it has fewer than two samples"
    assert why_undefined("r2", np.zeros((2, 3)), 3) == ""


def test_what_is_measured_of_predictions() -> None:
    names, targets = ["loss", "acc", "log_loss", "roc_auc"], np.array([0, 0, 1])
    shares = np.array([[0.5, 0.5, 0.0]] * 3)
    found = measure(names, {"labels": np.array([0, 0, 0]), "probabilities": shares}, targets, 3)
    assert found == {"acc": 2 / 3, "log_loss": pytest.approx(math.log(2))}
    found = measure(names, {"labels": np.array([0, 0, 0]), "probabilities": shares * np.nan}, targets, 3)
    assert math.isnan(found["log_loss"])


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


def test_tasks_list_their_metrics_in_the_order_of_the_table() -> None:
    for task in TASKS.values():
        assert list(task.metrics) == [name for name in METRICS if name in task.metrics]
