"""What the records of metrics say is so."""

import numpy as np
import pytest

from nas.tasks import METRICS, TASKS, Metric

SAMPLES, OUTPUTS = 40, 3


@pytest.mark.parametrize(
    ("task", "metric"),
    [(task, METRICS[one]) for task in TASKS for one in TASKS[task].metrics if METRICS[one].compute is not None],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
def test_values_lie_in_the_range_and_the_best_is_at_the_end_that_is_better(task: str, metric: Metric) -> None:
    assert metric.compute is not None
    rng = np.random.default_rng(0)
    values, classes = rng.normal(size=(SAMPLES, OUTPUTS)), rng.integers(OUTPUTS, size=SAMPLES)
    targets = {"classification": classes, "multilabel": values > 0, "regression": values}[task]
    one_hot = task == "classification" and metric.needs == "probabilities"
    perfect = np.eye(OUTPUTS)[classes] if one_hot else targets
    best = metric.compute(perfect, targets)
    assert best == pytest.approx(metric.highest if metric.direction == "maximize" else metric.lowest, abs=1e-12)
    for _ in range(20):
        order = rng.permutation(SAMPLES)
        found = metric.compute(perfect[order], targets)
        assert metric.lowest <= found <= metric.highest
        assert found < best if metric.direction == "maximize" else found > best
