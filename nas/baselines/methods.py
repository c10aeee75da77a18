"""Classical methods, and which of them suits a data set.

The bounds are numbers of operations that one core of a 2 GHz server of 2018 does in about 20 seconds, measured with
scikit-learn 1.9.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from nas.baselines.features import LEAST_RATE, Features, LogMelBands, Pixels, Plain, TfIdf
from nas.data import Dataset

KERNEL_WORK = 4e11
"""Of a support vector machine: training samples times samples that it sees or predicts, times features."""

LINEAR_WORK = 6e8
"""Of a linear model: training samples times features times outputs."""

BOOSTING_WORK = 3e7
"""Of gradient boosting: training samples times features times trees of an iteration."""

FEW = 4000
"""A support vector machine that can be fitted to fewer samples than that, and not to all, does not suit the data."""

MANY_OUTPUTS = 50
"""Gradient boosting grows a tree for each output in each iteration, so it suits fewer outputs."""

CODES = 255
"""Of gradient boosting: columns with more categories than that are taken for numbers."""


@dataclass(frozen=True)
class Method:
    """A method for a data set.

    Attributes:
        title: its name for people.
        features: makes the features of samples, before they are fitted.
        make: makes the estimator of scikit-learn.
        most: the largest number of training samples that it is fitted to.
    """

    title: str
    features: Callable[[], Features]
    make: Callable[[], Any]
    most: int


def method_for(data: Dataset, *, probable: bool) -> Method:
    """The method that suits a data set.

    Texts: TF-IDF and a linear model. Sounds: log-mel energies and a linear model. Tables: gradient boosting. Images,
    series and arrays: a support vector machine where it can be fitted to enough samples, else a linear model (images,
    series) or gradient boosting (arrays).

    Args:
        data: the data set.
        probable: whether probabilities are needed, which a support vector machine does not predict.
    """
    spec = data.input
    if spec.modality == "text":
        return _linear(data, "TF-IDF", partial(TfIdf, spec.tokens or 1), 4 * spec.shape[0])
    if spec.modality == "sound" and (spec.rate or 0) >= LEAST_RATE:
        bands = partial(LogMelBands, spec.rate or 0)
        return _linear(data, "log-mel", bands, bands().size)
    if spec.modality == "table" and (data.preparation is not None or spec.categories):
        return _boosting(data)
    image = spec.modality == "image"
    features = partial(Pixels, spec.shape) if image else partial(Plain, spec.shape)
    size = features().size
    if data.task.name == "classification" and not probable:
        seen = len(data.train) + len(data.val) + (len(data.test) if data.test else 0)
        most = int(KERNEL_WORK / seen / (size + 100))
        if most >= min(len(data.train), FEW):
            return Method("SVC with RBF kernel", features, partial(_support_vectors, scaled=not image), most)
    if spec.modality == "table":
        return _boosting(data)
    return _linear(data, "", features, size)


def _support_vectors(*, scaled: bool) -> Any:
    """A support vector machine for classes (Cortes and Vapnik 1995). Pixels have a common scale, other features not."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    machine = SVC(C=10)
    return make_pipeline(StandardScaler(), machine) if scaled else machine


def _linear(data: Dataset, prefix: str, features: Callable[[], Features], size: int) -> Method:
    task, outputs = data.task.name, len(data.outputs)
    name = "ridge regression" if task == "regression" else "logistic regression"
    most = int(LINEAR_WORK / size / outputs)
    return Method(f"{prefix} + {name}".removeprefix(" + "), features, partial(_linear_model, task, prefix), most)


def _linear_model(task: str, prefix: str) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    sparse = prefix == "TF-IDF"
    if task == "regression":
        model = Ridge(alpha=1.0)
    else:
        model = LogisticRegression(C=10.0 if sparse else 0.1, max_iter=200)
        if task == "multilabel":
            model = OneVsRestClassifier(model)
    return model if sparse else make_pipeline(StandardScaler(), model)


def _boosting(data: Dataset) -> Method:
    """Gradient boosting on histograms (Ke et al. 2017)."""
    task, outputs, spec = data.task.name, len(data.outputs), data.input
    features = partial(Plain, spec.shape)
    if outputs > MANY_OUTPUTS:
        return _linear(data, "", features, spec.shape[0])
    trees = 1 if task == "classification" and outputs == 2 else outputs
    categorical = [spec.numbers + place for place, codes in enumerate(spec.categories) if codes <= CODES]
    most = int(BOOSTING_WORK / features().size / trees)
    return Method("gradient boosting", features, partial(_boosted_trees, task, outputs, categorical), most)


def _boosted_trees(task: str, outputs: int, categorical: list[int]) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.multioutput import MultiOutputRegressor

    settings = {"categorical_features": categorical or None, "early_stopping": False, "random_state": 0}
    if task == "regression":
        trees = HistGradientBoostingRegressor(**settings)
        return trees if outputs == 1 else MultiOutputRegressor(trees)
    trees = HistGradientBoostingClassifier(**settings)
    return OneVsRestClassifier(trees) if task == "multilabel" else trees
