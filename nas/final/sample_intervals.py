"""How much the test metrics of a network would differ on other samples of the same kind: 95 % intervals.

Shares of samples, such as accuracy, have the score interval (Wilson 1927), which holds at 100 % too. All other metrics
have the bootstrap interval of `nas.statistics.estimate`: the samples are drawn anew with replacement, and the metric is
computed from what was predicted for them. The network stays the same, so the interval says nothing of other trainings.
"""

from collections.abc import Mapping

import numpy as np

from nas.final.on_test import Interval, share_intervals
from nas.final.outputs import Outputs
from nas.interrupt import stop_if_asked
from nas.statistics.estimate import interval
from nas.tasks.metrics import METRICS, measure
from nas.training.workbench import Workbench

RESAMPLES = 1000
FEWEST_RESAMPLES = 200
MOST_DRAWN = 20_000_000
"""Samples that are drawn in all: of more than 20,000 test samples, there are fewer resamples."""


def sample_intervals(
    bench: Workbench, outputs: Outputs, metrics: Mapping[str, float], *, rng: np.random.Generator
) -> Mapping[str, Interval]:
    """The intervals of the metrics of a network on samples, by the names of the metrics.

    A metric has none if it is undefined in most resamples, as in those that lack a class.

    Args:
        bench: its task says what outputs mean.
        outputs: of the network, for the samples that were scored.
        metrics: what was measured, such as `test_acc`.
        rng: draws the resamples.
    """
    count, targets = len(outputs.samples), outputs.samples.targets
    found = dict(share_intervals(metrics, count))
    drawn = [name.partition("_")[2] for name in metrics if name not in found]
    if count < 2 or not drawn:
        return found
    kinds = {METRICS[name].needs for name in drawn} - {"loss"}
    predictions = {needs: bench.task.decode(outputs.values, needs).numpy() for needs in kinds}
    losses = outputs.losses.double().numpy()
    values: dict[str, list[float]] = {name: [] for name in drawn}
    resamples = max(FEWEST_RESAMPLES, min(RESAMPLES, MOST_DRAWN // count))
    for _ in range(resamples):
        stop_if_asked()
        places = rng.integers(count, size=count)
        there = {needs: array[places] for needs, array in predictions.items()}
        measured = measure(drawn, there, targets[places], len(bench.task.outputs))
        for name, value in {**measured, "loss": float(losses[places].mean())}.items():
            if name in values and np.isfinite(value):
                values[name].append(value)
    for full in metrics:
        several = values.get(full.partition("_")[2], ())
        if full not in found and len(several) > resamples / 2:
            low, high = interval(np.array(several), count, 0.95)
            found[full] = float(low), float(high)
    return found
