"""The measurement of baselines."""

import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.baselines.baseline import Baseline, Baselines
from nas.baselines.methods import method_for
from nas.data import Dataset, Samples
from nas.errors import UsageError
from nas.tasks.metric import Needs
from nas.tasks.metrics import METRICS, measure

SEED = 0
"""Of the choice of training samples, where a method takes some of them."""


def measure_baselines(data: Dataset, metrics: Sequence[str]) -> Baselines:
    """The trivial baseline of a data set, and the method that suits it.

    The work is bounded by the number of training samples that a method is fitted to (`Method.most`), not by time, so
    that results can be repeated.

    Args:
        data: the data set. Methods are fitted to its training samples alone.
        metrics: names of metrics of its task.
    """
    names = [name for name in metrics if METRICS[name].compute is not None]
    trivial = measure_trivial(data, names)
    try:
        return Baselines(trivial, _reference(data, names))
    except (ValueError, ArithmeticError, MemoryError, UsageError) as error:
        return Baselines(trivial, None, f"{type(error).__name__}: {error}")


def measure_trivial(data: Dataset, metrics: Sequence[str]) -> Baseline:
    """The best prediction that ignores the inputs, measured by metrics of the task that are named."""
    begin = time.perf_counter()
    constant = data.task.trivial(data.train.targets)
    found = _measured(data, metrics, lambda samples: constant.repeated(len(samples)))
    return Baseline(constant.text, found, len(data.train), len(data.train), time.perf_counter() - begin)


def _reference(data: Dataset, metrics: Sequence[str]) -> Baseline:
    from threadpoolctl import threadpool_limits

    begin = time.perf_counter()
    needed = {METRICS[name].needs for name in metrics}
    method = method_for(data, probable="probabilities" in needed)
    rows = _rows(len(data.train), method.most)
    # A worker may be a fork, in which pools of threads that its parent used would never answer.
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore")  # a method that has not converged within its bound is measured as it is
        features = method.features()
        fitted = method.make().fit(
            features.fit(data.train.inputs, rows), _targets(data.train.targets[rows], data.task.diagnosed)
        )
        found = _measured(
            data, metrics, lambda samples: _predictions(fitted, features(samples.inputs), needed, len(data.outputs))
        )
    return Baseline(method.title, found, len(rows), len(data.train), time.perf_counter() - begin)


def _rows(samples: int, most: int) -> NDArray[np.intp]:
    """The training samples that a method is fitted to, ascending: all, or some at random."""
    if samples <= most:
        return np.arange(samples)
    return np.sort(np.random.default_rng(SEED).permutation(samples)[:most])


def _targets(targets: NDArray[Any], kind: Needs) -> NDArray[Any]:
    """Targets as scikit-learn takes them: those of a single value are one-dimensional."""
    return targets[:, 0] if kind == "values" and targets.shape[1] == 1 else targets


def _predictions(fitted: Any, features: Any, needed: Iterable[Needs], outputs: int) -> Mapping[Needs, NDArray[Any]]:
    found: dict[Needs, NDArray[Any]] = {}
    for needs in needed:
        if needs != "probabilities":
            predicted = np.asarray(fitted.predict(features))
            found[needs] = predicted.reshape(len(predicted), -1) if needs == "values" else predicted
            continue
        probabilities = np.asarray(fitted.predict_proba(features))
        # A class that none of the chosen samples has gets the probability 0.
        found[needs] = np.zeros((len(probabilities), outputs))
        found[needs][:, fitted.classes_] = probabilities
    return found


def _measured(
    data: Dataset, metrics: Sequence[str], predict: Callable[[Samples], Mapping[Needs, NDArray[Any]]]
) -> Mapping[str, float]:
    """The metrics of predictions on the validation and the test data, with the name of the part as prefix."""
    parts = {"val": data.val, "test": data.test}
    return {
        f"{part}_{name}": value
        for part, samples in parts.items()
        if samples is not None
        for name, value in measure(metrics, predict(samples), samples.targets, len(data.outputs)).items()
    }
