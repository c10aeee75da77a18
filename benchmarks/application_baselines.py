"""Classical methods that `applications.py` compares networks with, fitted to the same training samples.

Settings are fixed: those that are usual, or scikit-learn's defaults. What a method learns from data (scales, weights of
words) it learns from the training samples. Validation samples are not used, except that networks are selected on them.
"""

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC

from gradient_histograms import GradientHistograms
from nas import Dataset
from nas.baselines.features import Features, LogMelBands, Pixels, Plain, TfIdf
from nas.tasks.metric import Needs
from nas.tasks.metrics import measure

MOST_BOOSTED = 6_000_000
"""Training samples times features times trees of an iteration, beyond which images are not boosted."""

MOST_KERNEL = 10_000
"""Training samples beyond which no support vector machine with a kernel is fitted to pixels or columns."""

LEAST_SIDE = 16
"""Pixels from which histograms of gradients are taken."""

COMPONENTS = 200
"""Principal components of these histograms that a support vector machine takes."""

SEED = 0


class OneHot:
    """The numbers of a table, and a column of 0 and 1 for each known code of a category."""

    def __init__(self, numbers: int) -> None:
        self._numbers = numbers
        self._encoder = OneHotEncoder(handle_unknown="ignore")

    def fit(self, inputs: Any, rows: NDArray[np.intp]) -> Any:
        self._encoder.fit(inputs[rows][:, self._numbers :])
        return self(inputs[rows])

    def __call__(self, inputs: Any) -> Any:
        codes = self._encoder.transform(inputs[:][:, self._numbers :])
        return hstack([csr_matrix(inputs[:][:, : self._numbers]), codes]).tocsr()


class Method:
    """A method: features, and an estimator of scikit-learn."""

    def __init__(self, features: Callable[[], Features], estimator: Callable[[], Any]) -> None:
        self.features, self.estimator = features, estimator


def methods_for(data: Dataset) -> Mapping[str, Method]:
    """The methods for a data set, by their names."""
    return dict(_methods(data))


def _methods(data: Dataset) -> Iterator[tuple[str, Method]]:
    spec = data.input
    if spec.modality == "text":

        def words() -> Features:
            return TfIdf(spec.tokens or 1)

        yield "TF-IDF + logistic regression", Method(words, lambda: LogisticRegression(C=10.0, max_iter=1000))
        yield "TF-IDF + linear SVM", Method(words, lambda: LinearSVC(C=1.0))
    elif spec.modality == "sound":

        def bands() -> Features:
            return LogMelBands(spec.rate or 8000)

        yield "log-mel + logistic regression", Method(bands, _linear)
        yield "log-mel + SVC", Method(bands, lambda: make_pipeline(StandardScaler(), SVC(C=10.0)))
    elif spec.modality == "image":
        yield from _of_images(data)
    elif data.task.name == "regression":
        yield "ridge regression", Method(lambda: Plain(spec.shape), lambda: make_pipeline(StandardScaler(), Ridge()))
        yield "random forest", Method(lambda: Plain(spec.shape), lambda: RandomForestRegressor(random_state=SEED))
        yield "gradient boosting", Method(lambda: Plain(spec.shape), lambda: boosted(data))
    else:
        if spec.categories:
            yield "logistic regression", Method(lambda: OneHot(spec.numbers), _sparse_linear)
        else:
            yield "logistic regression", Method(lambda: Plain(spec.shape), _linear)
        yield "random forest", Method(lambda: Plain(spec.shape), lambda: RandomForestClassifier(random_state=SEED))
        yield "gradient boosting", Method(lambda: Plain(spec.shape), lambda: boosted(data))
        if not spec.categories and len(data.train) <= 2 * MOST_KERNEL:
            machine = make_pipeline(StandardScaler(), SVC(C=10.0))
            yield "SVC", Method(lambda: Plain(spec.shape), lambda: machine)


def _of_images(data: Dataset) -> Iterator[tuple[str, Method]]:
    def pixels() -> Features:
        return Pixels(data.shape)

    size, outputs = Pixels(data.shape).size, len(data.outputs)
    yield "logistic regression", Method(pixels, _linear)
    yield "random forest", Method(pixels, lambda: RandomForestClassifier(random_state=SEED))
    if len(data.train) * size * (1 if outputs == 2 else outputs) <= MOST_BOOSTED:
        yield "gradient boosting", Method(pixels, lambda: boosted(data))
    if len(data.train) <= MOST_KERNEL:
        yield "SVC", Method(pixels, lambda: SVC(C=10.0))
    if min(data.shape[1:]) >= LEAST_SIDE:
        yield "HOG + SVC", Method(GradientHistograms, _of_components)


def _of_components() -> Any:
    return make_pipeline(PCA(COMPONENTS, random_state=SEED), SVC(C=10.0, cache_size=1000))


def _linear() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=200))


def _sparse_linear() -> Any:
    return make_pipeline(MaxAbsScaler(), LogisticRegression(C=1.0, max_iter=500))


def boosted(data: Dataset) -> Any:
    """Gradient boosting on histograms, at most 200 iterations, stopped early by a tenth of the training samples."""
    spec = data.input
    categorical = [spec.numbers + place for place, codes in enumerate(spec.categories) if codes <= 255] or None
    settings = {"max_iter": 200, "early_stopping": True, "random_state": SEED, "categorical_features": categorical}
    regression = data.task.name == "regression"
    return HistGradientBoostingRegressor(**settings) if regression else HistGradientBoostingClassifier(**settings)


def measured(method: Method, data: Dataset, metrics: tuple[str, ...]) -> dict[str, float]:
    """The metrics of a method on the test part, and `seconds` of fitting and predicting."""
    if data.test is None:
        raise RuntimeError(f"{data.name} has no test part")
    begin = time.perf_counter()
    features, targets = method.features(), data.train.targets
    regression = data.task.name == "regression"
    needs: Needs = "values" if regression else "labels"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a linear model that has not converged is measured as it is
        inputs = features.fit(data.train.inputs, np.arange(len(data.train)))
        fitted = method.estimator().fit(inputs, targets[:, 0] if regression else targets)
        predicted = np.asarray(fitted.predict(features(data.test.inputs)))
    predictions = {needs: predicted[:, None] if regression else predicted}
    found = measure(metrics, predictions, data.test.targets, len(data.outputs))
    return {**found, "seconds": time.perf_counter() - begin}
