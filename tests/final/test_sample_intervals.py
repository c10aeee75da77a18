"""Intervals of test metrics over samples: against theory, and what has none."""

from dataclasses import replace

import numpy as np
import pytest

from nas.data import Dataset, Samples, from_arrays
from nas.final.on_test import share_intervals
from nas.final.outputs import Outputs
from nas.final.sample_intervals import sample_intervals
from nas.ops import Flatten, Linear
from nas.training.workbench import Workbench
from tests.model.layers import chain


def _measured(data: Dataset, *metrics: str) -> tuple[Workbench, Outputs, dict[str, float]]:
    bench = Workbench(data, device="cpu", metrics=metrics)
    network = bench.build(
        chain(data.shape, *([Flatten()] if len(data.shape) > 1 else []), Linear(len(data.outputs)))
    ).eval()
    outputs = Outputs(bench, network, "test")
    return bench, outputs, outputs.measured(bench)


def _regression() -> Dataset:
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(600, 3)), rng.normal(size=600)
    return from_arrays(inputs[:200], targets[:200], test=(inputs[200:], targets[200:]))


def test_the_interval_of_a_mean_is_that_of_the_theory() -> None:
    bench, outputs, metrics = _measured(_regression(), "mae")
    found = sample_intervals(bench, outputs, metrics, rng=np.random.default_rng(1))
    assert found.keys() == metrics.keys() >= {"test_loss", "test_rmse", "test_mae"}
    errors = np.abs(outputs.values[:, 0].numpy() - outputs.samples.targets.ravel())
    half = float(1.96 * errors.std() / len(errors) ** 0.5)
    # A quantile of 1,000 resamples has a standard error of about 0.08 standard errors of the mean, 0.04 of the half.
    assert found["test_mae"] == pytest.approx(
        (float(errors.mean()) - half, float(errors.mean()) + half), abs=0.15 * half
    )
    assert all(low <= metrics[name] <= high for name, (low, high) in found.items())
    again = sample_intervals(bench, outputs, metrics, rng=np.random.default_rng(1))
    assert again == found


def test_shares_have_their_own_interval(stripes: Dataset) -> None:
    bench, outputs, metrics = _measured(stripes, "f1")
    found = sample_intervals(bench, outputs, metrics, rng=np.random.default_rng(0))
    assert found["test_acc"] == share_intervals(metrics, len(outputs.samples))["test_acc"]
    assert found.keys() == {"test_acc", "test_f1", "test_loss"}


def test_what_most_resamples_cannot_measure_has_none() -> None:
    """ROC AUC takes all classes. Of three with a single sample, all are drawn in a quarter of the resamples."""
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(80, 3)), np.arange(80) % 4
    test = rng.normal(size=(40, 3)), np.array([0] * 37 + [1, 2, 3])
    data = from_arrays(inputs, labels, test=test)
    bench, outputs, metrics = _measured(data, "roc_auc", "f1")
    assert "test_roc_auc" in metrics
    found = sample_intervals(bench, outputs, metrics, rng=np.random.default_rng(0))
    assert found.keys() == {"test_acc", "test_f1", "test_loss"}


def test_one_sample_tells_nothing_of_others() -> None:
    data = _regression()
    assert data.test is not None
    one = replace(data, test=Samples(data.test.inputs[:1], data.test.targets[:1]))
    bench, outputs, metrics = _measured(one)
    assert sample_intervals(bench, outputs, metrics, rng=np.random.default_rng(0)) == {}
