"""The table of metrics. scikit-learn computes them, or they equal those of scikit-learn; metrics that are undefined for
some data are detected beforehand.

A metric of a trial has the part of the data as prefix: `val_f1`, `test_f1`.
"""

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.tasks.calibration import calibration_error
from nas.tasks.metric import Metric, Needs
from nas.tasks.ranking import Ranking, ranking
from nas.tasks.task import Task
from nas.trial import Objective

SD = "_sd"
"""The suffix of the standard deviation of a metric over several trainings, `val_acc_sd`."""

PARTS: Mapping[str, str] = MappingProxyType({"train": "training", "val": "validation", "test": "test"})
"""The parts of the data: prefixes of metrics, and their names for people."""


def metric_of(name: str) -> Metric | None:
    """The record of a metric, with or without prefix (`val_f1`, `f1`); None if it is not in the table.

    A standard deviation (`val_f1_sd`) has a record in the format of its metric.
    """
    part, _, rest = name.partition("_")
    found = METRICS.get((rest if part in PARTS else name).removesuffix(SD))
    return found if found is None or not name.endswith(SD) else _spread(found)


def _spread(metric: Metric) -> Metric:
    return replace(
        metric,
        name=f"{metric.name}{SD}",
        title=f"{metric.title}, standard deviation",
        direction="minimize",
        lowest=0,
        highest=math.inf,
        compute=None,
        undefined=None,
        share=False,
    )


def measure(
    names: Iterable[str], predictions: Mapping[Needs, NDArray[Any]], targets: NDArray[Any], outputs: int
) -> dict[str, float]:
    """The values of metrics by their names, without the loss and those that are undefined for the targets.

    Metrics of probabilities or values are NaN if these are not finite.

    Args:
        names: of metrics.
        predictions: what they are computed from, by kind.
        targets: of the samples.
        outputs: the number of outputs.
    """
    found = {}
    for metric in (METRICS[name] for name in names):
        if metric.compute is None or why_undefined(metric.name, targets, outputs):
            continue
        given = predictions[metric.needs]
        found[metric.name] = metric.compute(given, targets) if np.isfinite(given).all() else np.nan
    return found


def why_undefined(name: str, targets: NDArray[Any], outputs: int) -> str:
    """Why a metric is undefined for targets; empty: it is defined."""
    undefined = METRICS[name].undefined
    return "" if undefined is None else undefined(targets, outputs)


def measured_in(names: Iterable[str], part: str = "val") -> Sequence[str]:
    """Those of `names` that are metrics of the table, except for the loss, on a part; in the order of the table."""
    there = set(names)
    return [full for name in METRICS if name != "loss" and (full := f"{part}_{name}") in there]


def asked_by(objectives: Iterable[Objective], task: Task | None = None) -> Sequence[str]:
    """The metrics that objectives name on validation data, out of the table or those of a task.

    An objective on a standard deviation, `val_f1_sd`, names the metric `f1`.
    """
    names = (one.metric.removeprefix("val_").removesuffix(SD) for one in objectives if one.metric.startswith("val_"))
    return [name for name in names if name in (METRICS if task is None else task.metrics)]


def computed(function: str, **options: Any) -> Callable[[NDArray[Any], NDArray[Any]], float]:
    """A function of predictions and targets that calls a function of `sklearn.metrics` with options."""

    def compute(predictions: NDArray[Any], targets: NDArray[Any]) -> float:
        import sklearn.metrics

        with warnings.catch_warnings():  # about classes without targets; the value is defined
            warnings.simplefilter("ignore", UserWarning)
            return float(getattr(sklearn.metrics, function)(targets, predictions, **options))

    return compute


def _accuracy(labels: NDArray[Any], targets: NDArray[Any]) -> float:
    """`accuracy_score` without its validation, which takes a millisecond, in every epoch."""
    return float(np.mean(labels == targets))


def _averaged(name: str) -> Callable[[NDArray[Any], NDArray[Any]], float]:
    """`f1`, `precision` or `recall`: the mean over the classes that are there or predicted, or over the labels of
    samples that have several."""

    def compute(labels: NDArray[Any], targets: NDArray[Any]) -> float:
        if targets.ndim == 1:
            classes = np.union1d(labels, targets)
            labels, targets = labels[:, None] == classes, targets[:, None] == classes
        both, having, predicted = _overlap(labels, targets)
        whole = {"f1": (having + predicted) / 2, "precision": predicted, "recall": having}[name]
        return float(np.mean(both / np.where(whole > 0, whole, 1)))

    return compute


def _micro_f1(labels: NDArray[Any], targets: NDArray[Any]) -> float:
    both, having, predicted = (count.sum() for count in _overlap(labels, targets))
    return float(2 * both / max(having + predicted, 1))


def _overlap(labels: NDArray[Any], targets: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """For each label, how many samples have it and are predicted to; have it; are predicted to, `(K,)` each."""
    having, predicted = targets.astype(bool), labels.astype(bool)
    return (having & predicted).sum(axis=0), having.sum(axis=0), predicted.sum(axis=0)


def _exact_match(labels: NDArray[Any], targets: NDArray[Any]) -> float:
    return float(np.mean((labels == targets).all(axis=1)))


def _hamming_loss(labels: NDArray[Any], targets: NDArray[Any]) -> float:
    return float(np.mean(labels != targets))


def _rankings(probabilities: NDArray[Any], targets: NDArray[Any]) -> Iterator[Ranking]:
    """How probabilities rank samples, for each class (of two, for the second) or label that some samples have."""
    truth = targets
    if targets.ndim == 1:
        truth = targets[:, None] == np.arange(probabilities.shape[1])
        if len(truth[0]) == 2:
            truth, probabilities = truth[:, 1:], probabilities[:, 1:]
    columns = zip(probabilities.T, truth.T, strict=True)
    return (ranking(scores, having) for scores, having in columns if having.any())


def _average_precision(probabilities: NDArray[Any], targets: NDArray[Any]) -> float:
    return float(np.mean([one.average_precision for one in _rankings(probabilities, targets)]))


def _roc_auc(probabilities: NDArray[Any], targets: NDArray[Any]) -> float:
    return float(np.nanmean([one.roc_auc for one in _rankings(probabilities, targets)]))


def _log_loss(probabilities: NDArray[Any], targets: NDArray[Any]) -> float:
    from sklearn.metrics import log_loss

    return float(log_loss(targets, probabilities, labels=range(probabilities.shape[1])))


def _brier(probabilities: NDArray[Any], targets: NDArray[Any]) -> float:
    squares = ((probabilities - (targets[:, None] == np.arange(probabilities.shape[1]))) ** 2).sum(axis=1)
    return float(squares.mean() / (2 if probabilities.shape[1] == 2 else 1))


def _errors(values: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.float64]:
    """Absolute errors of values and targets of one shape, in which they are."""
    return np.asarray(np.ptp(np.stack([values, targets]).astype(np.float64), axis=0))


def _rmse(values: NDArray[Any], targets: NDArray[Any]) -> float:
    return float(np.sqrt((_errors(values, targets) ** 2).mean(axis=0)).mean())


def _mae(values: NDArray[Any], targets: NDArray[Any]) -> float:
    return float(_errors(values, targets).mean())


def _ranked(targets: NDArray[Any], outputs: int) -> str:
    """Why areas under curves are undefined."""
    if targets.ndim == 1:
        return _every_class(targets, outputs)
    having = targets.sum(axis=0)
    return "" if ((having > 0) & (having < len(targets))).any() else "no label has samples with it and without it"


def _every_class(targets: NDArray[Any], classes: int) -> str:
    missing = np.setdiff1d(np.arange(classes), targets)
    return f"it has no sample of {len(missing)} of {classes} classes" if len(missing) else ""


def _two_samples(targets: NDArray[Any], _: int) -> str:
    return "it has fewer than two samples" if len(targets) < 2 else ""


_LISTED = (
    Metric("acc", "accuracy", "maximize", 0, 1, "labels", _accuracy, percent=True, share=True),
    Metric(
        "balanced_acc",
        "balanced accuracy",
        "maximize",
        0,
        1,
        "labels",
        computed("balanced_accuracy_score"),
        percent=True,
    ),
    Metric("exact_match", "exact match", "maximize", 0, 1, "labels", _exact_match, percent=True, share=True),
    *(
        Metric(name, f"macro {title}", "maximize", 0, 1, "labels", _averaged(name), percent=True)
        for name, title in (("f1", "F1"), ("precision", "precision"), ("recall", "recall"))
    ),
    Metric("micro_f1", "micro F1", "maximize", 0, 1, "labels", _micro_f1, percent=True),
    Metric("hamming_loss", "Hamming loss", "minimize", 0, 1, "labels", _hamming_loss, percent=True),
    Metric("mcc", "Matthews correlation", "maximize", -1, 1, "labels", computed("matthews_corrcoef")),
    Metric("average_precision", "average precision", "maximize", 0, 1, "probabilities", _average_precision, _ranked),
    Metric("roc_auc", "ROC AUC", "maximize", 0, 1, "probabilities", _roc_auc, _ranked),
    Metric("log_loss", "log loss", "minimize", 0, math.inf, "probabilities", _log_loss),
    Metric("brier", "Brier score", "minimize", 0, 2, "probabilities", _brier),
    Metric("ece", "calibration error", "minimize", 0, 1, "probabilities", calibration_error, percent=True),
    Metric("rmse", "RMSE", "minimize", 0, math.inf, "values", _rmse),
    Metric("mae", "MAE", "minimize", 0, math.inf, "values", _mae),
    Metric("r2", "R²", "maximize", -math.inf, 1, "values", computed("r2_score"), _two_samples),
    Metric("loss", "loss", "minimize", -math.inf, math.inf, "loss"),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _LISTED})
"""The table of metrics. Reports list metrics in this order; a task has some of them.

`precision`, `recall` and `f1` are macro averages over the classes that occur in targets or predictions, with 0 where
the denominator is 0, or averages over all labels of samples that have several; `balanced_acc` is the mean recall over
the classes that occur in the targets. `average_precision` and `roc_auc` are those of the second of two classes, the
macro average of one-vs-rest of more classes, and the mean over those labels that are defined for the samples. `brier`
is `brier_score_loss`, half the sum over two classes and the sum over more (Brier 1950); `ece` the expected calibration
error in 10 bins (Guo et al. 2017, see `nas.tasks.calibration`). `rmse`, `mae` and `r2` are means over the targets.
"""
