"""Baselines are measured as networks are."""

import numpy as np
import pytest
from sklearn.svm import SVC

from nas.baselines import measure_baselines, methods
from nas.data import Dataset, from_arrays
from nas.tasks import measured_by

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(120, 3)).astype(np.float32)


def test_it_is_what_scikit_learn_reaches(corners: Dataset) -> None:
    found = measure_baselines(corners, ("loss", "acc", "f1"))
    assert found.failure == ""
    reference = found.reference
    assert reference is not None
    assert found.trivial.title == "always 0"
    assert found.trivial.metrics["val_acc"] == (corners.val.targets == 0).mean()
    scaled = (corners.train.inputs - corners.mean) / corners.std
    machine = SVC(C=10).fit(scaled, corners.train.targets)
    expected = machine.score((corners.val.inputs - corners.mean) / corners.std, corners.val.targets)
    assert reference.metrics["val_acc"] == pytest.approx(expected)
    assert set(reference.metrics) == {"val_acc", "val_f1"}
    assert (reference.samples, reference.of) == (len(corners.train), len(corners.train))


@pytest.mark.parametrize(
    "targets",
    [INPUTS[:, 0] + 0.5, INPUTS[:, :2] + 0.5, (INPUTS > 0).astype(np.int64), INPUTS[:, 0] > 0],
    ids=["one value", "values", "labels", "classes"],
)
def test_every_task_and_metric(targets: np.ndarray) -> None:
    data = from_arrays(INPUTS[:80], targets[:80], test=(INPUTS[80:], targets[80:]))
    names = measured_by(data.task, [name for name in data.task.metrics if name != "loss"])
    found = measure_baselines(data, names)
    reference = found.reference
    assert reference is not None, found.failure
    assert set(reference.metrics) == set(found.trivial.metrics)
    assert set(reference.metrics) == {f"{part}_{name}" for part in ("val", "test") for name in names if name != "loss"}
    metric = data.task.objective
    better, trivial = (metric.score(one.metrics) for one in (reference, found.trivial))
    assert better > trivial


def test_of_many_samples_some_are_taken_at_random(corners: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same ones each time; a class that none of them has gets the probability 0."""
    monkeypatch.setattr(methods, "KERNEL_WORK", 400 * 102 * 30)
    monkeypatch.setattr(methods, "FEW", 20)
    first, second = (measure_baselines(corners, ("acc",)).reference for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.samples, first.of) == (30, len(corners.train))
    assert first.metrics == second.metrics
    monkeypatch.setattr(methods, "BOOSTING_WORK", 2 * 4 * 3)
    few = measure_baselines(corners, ("acc", "log_loss")).reference
    assert few is not None
    assert few.samples == 3
    assert few.metrics["val_log_loss"] > 1


def test_a_method_that_cannot_be_fitted_is_said() -> None:
    """A support vector machine needs samples of two classes, and a single sample is chosen."""
    data = from_arrays(INPUTS, np.arange(120) % 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(methods, "KERNEL_WORK", 240.0 * 103)
        patch.setattr(methods, "FEW", 1)
        found = measure_baselines(data, ("acc",))
    assert found.reference is None
    assert found.failure.startswith("ValueError: ")
    assert found.trivial.metrics["val_acc"] == 0.5
