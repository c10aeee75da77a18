"""The network that is handed over: its thresholds, and what is measured of it, once, after the choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nas.final.on_test import OnTest
from nas.final.outputs import Outputs
from nas.final.sample_intervals import sample_intervals
from nas.model import Network
from nas.training.workbench import Workbench


@dataclass(frozen=True, eq=False)
class Judged:
    """What is known of the network that is handed over.

    Attributes:
        bench: with the task tuned to it.
        val: its metrics on the validation data, with thresholds that are not tuned, as in trainings; empty: it is the
            selected network, or was trained on these data.
        tested: what was measured on the test data; None: there are none.
        outputs: for the test data, or the validation data without any.
    """

    bench: Workbench
    val: Mapping[str, float]
    tested: OnTest | None
    outputs: Outputs


def judged(
    bench: Workbench, network: Network, trained: Sequence[Network], *, validated: bool = True, metric: str, seed: int
) -> Judged:
    """Tunes the task to a network on the validation data, and measures the network on the test data. Afterwards, the
    networks are on the CPU.

    Args:
        bench: the data set, device and precision.
        network: that is handed over.
        trained: those of each training of the selected finalist; `network` may be the first of them. Each is measured
            with thresholds that are tuned to itself.
        validated: whether the validation data are none that `network` was trained on. If they are, its thresholds are
            those of the first of `trained`.
        metric: that of the main objective, such as `val_f1`.
        seed: of the run; the bootstrap over samples has one derived from it.
    """
    on_val = Outputs(bench, network if validated else trained[0], "val")
    tuned = on_val.tuned(metric)
    val = on_val.measured(bench) if validated and network is not trained[0] else {}
    if bench.data.test is None:
        return Judged(tuned, val, None, on_val if validated else Outputs(bench, network, "val"))
    outputs = Outputs(bench, network, "test")
    metrics = outputs.measured(tuned)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 7]))
    intervals = sample_intervals(tuned, outputs, metrics, rng=rng)
    each = []
    for one in trained if len(trained) > 1 or network is not trained[0] else ():
        each.append(metrics if one is network else _own(bench, one, metric))
    tested = OnTest(metrics, intervals, {name: tuple(one[name] for one in each) for name in metrics if each})
    return Judged(tuned, val, tested, outputs)


def _own(bench: Workbench, network: Network, metric: str) -> Mapping[str, float]:
    """The test metrics of a network with thresholds of its own."""
    return Outputs(bench, network, "test").measured(Outputs(bench, network, "val").tuned(metric))
