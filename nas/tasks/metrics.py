"""The table of metrics. scikit-learn computes them; metrics that are undefined for some data are detected beforehand.

A metric of a trial has the part of the data as prefix: `val_f1`, `test_f1`.
"""

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.tasks.metric import Metric, Needs
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


def metrics_from(*decoded: Needs) -> tuple[str, ...]:
    """The names of the metrics of a task whose outputs can be decoded into these kinds of predictions."""
    return tuple(name for name, metric in METRICS.items() if metric.needs in ("loss", *decoded))


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


def _roc_auc(probabilities: NDArray[Any], targets: NDArray[Any]) -> float:
    from sklearn.metrics import roc_auc_score

    classes = probabilities.shape[1]
    if classes == 2:
        return float(roc_auc_score(targets, probabilities[:, 1]))
    return float(roc_auc_score(targets, probabilities, multi_class="ovr", average="macro", labels=range(classes)))


def _log_loss(probabilities: NDArray[Any], targets: NDArray[Any]) -> float:
    from sklearn.metrics import log_loss

    return float(log_loss(targets, probabilities, labels=range(probabilities.shape[1])))


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
    *(
        Metric(
            name,
            f"macro {title}",
            "maximize",
            0,
            1,
            "labels",
            computed(f"{name}_score", average="macro", zero_division=0.0),
            percent=True,
        )
        for name, title in (("f1", "F1"), ("precision", "precision"), ("recall", "recall"))
    ),
    Metric("roc_auc", "ROC AUC", "maximize", 0, 1, "probabilities", _roc_auc, _every_class),
    Metric("log_loss", "log loss", "minimize", 0, math.inf, "probabilities", _log_loss),
    Metric("rmse", "RMSE", "minimize", 0, math.inf, "values", computed("root_mean_squared_error")),
    Metric("mae", "MAE", "minimize", 0, math.inf, "values", computed("mean_absolute_error")),
    Metric("r2", "R²", "maximize", -math.inf, 1, "values", computed("r2_score"), _two_samples),
    Metric("loss", "loss", "minimize", -math.inf, math.inf, "loss"),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _LISTED})
"""The table of metrics. Reports list metrics in this order.

`precision`, `recall` and `f1` are macro averages over the classes that occur in targets or predictions, with 0 where
the denominator is 0; `balanced_acc` is the mean recall over the classes that occur in the targets; `roc_auc` is the
macro average of one-vs-rest; `rmse`, `mae` and `r2` are means over the targets.
"""
