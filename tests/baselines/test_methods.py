"""Which method suits which data."""

from dataclasses import replace

import numpy as np
import pytest

from nas.baselines import methods
from nas.baselines.methods import method_for
from nas.data import Dataset, from_arrays
from nas.data.input_spec import InputSpec
from tests.data.shown.test_display import Given

RNG = np.random.default_rng(0)


def data(*shape: int, spec: InputSpec | None = None, regression: bool = False) -> Dataset:
    inputs = RNG.normal(size=(40, *shape)).astype(np.float32)
    found = from_arrays(inputs, RNG.normal(size=40) if regression else np.arange(40) % 2)
    return found if spec is None else replace(found, preparation=Given(spec))


CASES = [
    (data(1, 4, 4), "SVC with RBF kernel", "logistic regression"),
    (data(5), "SVC with RBF kernel", "gradient boosting"),
    (data(2, 9), "SVC with RBF kernel", "logistic regression"),
    (data(5, spec=InputSpec("table", (5,), categories=(3,))), "gradient boosting", "gradient boosting"),
    (data(6, spec=InputSpec("text", (6,), tokens=9)), *2 * ("TF-IDF + logistic regression",)),
    (data(1, 300, spec=InputSpec("sound", (1, 300), rate=8000)), *2 * ("log-mel + logistic regression",)),
    (data(1, 300, spec=InputSpec("sound", (1, 300), rate=100)), "SVC with RBF kernel", "logistic regression"),
    (data(1, 4, 4, regression=True), *2 * ("ridge regression",)),
    (data(5, regression=True), *2 * ("gradient boosting",)),
]


@pytest.mark.parametrize(("made", "labels", "probabilities"), CASES)
def test_each_kind_of_data_has_its_method(made: Dataset, labels: str, probabilities: str) -> None:
    assert method_for(made, probable=False).title == labels
    assert method_for(made, probable=True).title == probabilities


def test_much_data_is_for_other_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    """A support vector machine gives way if it can see few of the samples; others see as many as they can."""
    monkeypatch.setattr(methods, "KERNEL_WORK", 10.0)
    monkeypatch.setattr(methods, "LINEAR_WORK", 16 * 2 * 12)
    found = method_for(data(1, 4, 4), probable=False)
    assert (found.title, found.most) == ("logistic regression", 12)
