"""How features serve another task, one method after the other."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch

from nas.data.prepared_as import prepared_as
from nas.prediction.predictor import load_predictor
from nas.reuse.methods import METHODS, Problem, trained
from nas.reuse.trunk import trunk_of
from nas.training import Recipe
from nas.training.workbench import Workbench
from tests.prediction.exported import Exported
from tests.reuse.conftest import Known


@pytest.fixture
def problem(known: Known) -> Problem:
    bench = Workbench(prepared_as(known.data, load_predictor(known.folder).intake.preparation), device="cpu")
    recipe = Recipe(epochs=80, lr=0.03, batch_size=20)
    return Problem(known.network, trunk_of(known.network.arch), bench, recipe, 0.1, 0)


def test_features_are_computed_of_all_parts(problem: Problem) -> None:
    data, network = problem.bench.data, problem.network
    assert {part: tuple(found.shape) for part, found in problem.features.items()} == {
        "train": (40, 8),
        "val": (40, 8),
        "test": (80, 8),
    }
    inputs = torch.from_numpy(data.train.inputs)
    hidden = network.get_submodule("linear1")((inputs - network.mean) / network.std).relu()
    assert torch.allclose(problem.features["train"], hidden)


def test_each_learns_the_task(problem: Problem) -> None:
    for name, method in METHODS.items():
        served = method(problem)
        assert {part: len(found) for part, found in served.outputs.items()} == {"val": 40, "test": 80}
        assert problem.worth(served.outputs["val"])[0] > 0.9, name
        assert (served.network is None) is (name == "knn")
        if served.network is not None:
            inputs = torch.from_numpy(problem.bench.data.val.inputs)
            assert torch.allclose(served.network(inputs), served.outputs["val"], atol=1e-5)


def test_what_becomes_of_the_trunk(problem: Problem) -> None:
    """A probe leaves it as it is; tuning moves it less than the head; from scratch, nothing of it is there."""
    own = problem.network.state_dict()
    found = {name: METHODS[name](problem).network for name in ("probe", "tune")}
    assert found["probe"] is not None
    assert found["tune"] is not None
    for name in ("mean", "std", "linear1.weight", "linear1.bias"):
        assert torch.equal(found["probe"].state_dict()[name], own[name])
    tuned, scratch = found["tune"].state_dict(), trained(problem).state_dict()
    assert torch.equal(tuned["mean"], own["mean"])
    assert not torch.equal(scratch["mean"], own["mean"])
    moved, away = ((state["linear1.weight"] - own["linear1.weight"]).abs().max() for state in (tuned, scratch))
    assert 0 < moved < away / 2


def test_every_kind_of_data_and_task(exported: Mapping[str, Exported]) -> None:
    """Outputs are those of the network that is kept, and no worse than the best constant on the samples seen."""
    for name, one in exported.items():
        network = load_predictor(one.folder).network
        bench = Workbench(one.data, device="cpu")
        problem = Problem(network, trunk_of(network.arch), bench, Recipe(epochs=1), 0.5, 0)
        for method in METHODS.values():
            served = method(problem)
            for part, outputs in served.outputs.items():
                assert outputs.shape == (len(one.data.parts[part]), len(one.data.outputs)), name
                assert np.isfinite(outputs.numpy()).all(), name
