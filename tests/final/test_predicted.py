"""The predictions of a network for the test data, or the validation data."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from nas.archive import open_npz
from nas.data import Dataset
from nas.final import predicted as module
from nas.final.outputs import Outputs
from nas.final.predicted import predicted
from nas.space import Space
from nas.training.workbench import Workbench


@pytest.fixture
def bench(stripes: Dataset) -> Workbench:
    return Workbench(stripes, device="cpu")


def test_predictions_and_losses_are_those_of_the_network(bench: Workbench, space: Space) -> None:
    network = bench.build(next(iter(space))).eval()
    found = predicted(Outputs(bench, network, "test"), bench.task)
    assert bench.data.test is not None
    inputs, targets = bench.data.test
    with torch.inference_mode():
        outputs = network(torch.from_numpy(inputs))
    assert (found.part, found.places.tolist()) == ("test", list(range(len(targets))))
    assert np.allclose(found.predictions, outputs.softmax(dim=1), atol=1e-6)
    expected = torch.nn.functional.cross_entropy(outputs, torch.from_numpy(targets), reduction="none")
    assert np.allclose(found.losses, expected, atol=1e-5)
    assert found.content == predicted(Outputs(bench, network, "test"), bench.task).content
    with open_npz(found.content, "predictions.npz") as archive:
        arrays = archive.arrays(archive.names)
    assert str(arrays["part"]) == "test"
    assert np.array_equal(arrays["predictions"], found.predictions)
    assert np.array_equal(arrays["targets"], targets)


def test_of_many_samples_some_are_predicted(
    bench: Workbench, stripes: Dataset, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SAMPLES", 7)
    bench = Workbench(replace(stripes, test=None), device="cpu")
    outputs = Outputs(bench, bench.build(next(iter(space))), "val")
    found = predicted(outputs, bench.task)
    assert found.part == "val"
    assert found.places.tolist() == [0, 10, 20, 30, 39, 49, 59]
    assert np.array_equal(found.targets, stripes.val.targets[found.places])
    monkeypatch.setattr(module, "MOST_NUMBERS", 9)
    assert len(predicted(outputs, bench.task).places) == 3
