"""What the records of metrics say is so."""

import numpy as np
import pytest

from nas.tasks import METRICS, Metric

SAMPLES, OUTPUTS = 40, 3


@pytest.mark.parametrize(
    "metric", [one for one in METRICS.values() if one.compute is not None], ids=lambda one: one.name
)
def test_values_lie_in_the_range_and_the_best_is_at_the_end_that_is_better(metric: Metric) -> None:
    assert metric.compute is not None
    rng = np.random.default_rng(0)
    classes = rng.integers(OUTPUTS, size=SAMPLES)
    values = rng.normal(size=(SAMPLES, OUTPUTS))
    perfect = {"labels": classes, "probabilities": np.eye(OUTPUTS)[classes], "values": values}[metric.needs]
    targets = values if metric.needs == "values" else classes
    best = metric.compute(perfect, targets)
    assert best == pytest.approx(metric.highest if metric.direction == "maximize" else metric.lowest, abs=1e-12)
    for _ in range(20):
        order = rng.permutation(SAMPLES)
        found = metric.compute(perfect[order], targets)
        assert metric.lowest <= found <= metric.highest
        assert found < best if metric.direction == "maximize" else found > best
