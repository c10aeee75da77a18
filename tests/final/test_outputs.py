"""Outputs of networks for a part of the data: computed once, and what follows from them."""

from collections.abc import Sequence
from typing import Literal

import pytest
import torch

from nas.data import Dataset
from nas.final.outputs import Outputs
from nas.training.workbench import Workbench
from nas.trial import Trial


@pytest.mark.parametrize("part", ["val", "test"])
def test_they_are_computed_once(trials: Sequence[Trial], stripes: Dataset, part: Literal["val", "test"]) -> None:
    bench = Workbench(stripes, device="cpu", metrics=["f1"])
    network = bench.build(trials[3].architecture)
    calls: list[int] = []
    network.register_forward_hook(lambda module, inputs, outputs: calls.append(len(outputs)))
    outputs = Outputs(bench, network, part)
    assert calls == [], "not before they are asked for"
    samples = stripes.val if part == "val" else stripes.test
    assert samples is not None
    measured = outputs.measured(bench)
    assert outputs.measured(bench) == measured
    assert outputs.losses.mean().item() == pytest.approx(measured[f"{part}_loss"])
    assert outputs.tuned("val_f1") is bench, "nothing of classes is tuned"
    assert calls == [60]
    assert measured == pytest.approx(bench.score_samples(network, samples, part))
    assert not network.training
    with torch.inference_mode():
        torch.testing.assert_close(outputs.values, network(torch.from_numpy(samples.inputs)))
