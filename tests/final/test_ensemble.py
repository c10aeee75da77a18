"""Ensembles as networks: their predictions are the means of their members', also from their files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from nas.data import Dataset, from_arrays
from nas.final.ensemble import ensemble_of
from nas.final.export import network_files
from nas.model import Network
from nas.model.stored import stored_network
from nas.network_files import ARCHITECTURE, WEIGHTS
from nas.ops import BatchNorm, Linear, ReLU
from nas.tasks.metric import Needs
from nas.training.workbench import Workbench
from nas.trial import Trial
from tests.model.layers import chain


def _trained(data: Dataset, archs: Sequence[Any]) -> list[Network]:
    """Networks whose batch norms have seen data."""
    bench = Workbench(data, device="cpu")
    networks = [bench.build(arch) for arch in archs]
    with torch.no_grad():
        for network in networks:
            network.train()(torch.from_numpy(data.train.inputs))
    return [network.eval() for network in networks]


def _data(task: str) -> Dataset:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 3)).astype(np.float32)
    targets: dict[str, Any] = {
        "classification": np.arange(60) % 3,
        "multilabel": rng.integers(0, 2, (60, 3)).astype(bool),
        "regression": 1000 + 50 * rng.normal(size=(60, 2)),
    }
    return from_arrays(inputs, targets[task], task=task)


@pytest.mark.parametrize(
    ("task", "needs"),
    [("classification", "probabilities"), ("multilabel", "probabilities"), ("regression", "values")],
)
def test_predictions_are_means(task: Any, needs: Needs) -> None:
    data = _data(task)
    last = Linear(len(data.outputs))
    archs = [
        chain((3,), Linear(4), BatchNorm(), ReLU(), last), chain((3,), last), chain((3,), Linear(5), BatchNorm(), last)
    ]  # fmt: skip
    members = _trained(data, archs)
    network = ensemble_of(members, data.task)
    x = torch.from_numpy(data.val.inputs)
    with torch.no_grad():
        mean = torch.stack([data.task.decode(member(x), needs) for member in members]).mean(0)
        torch.testing.assert_close(data.task.decode(network(x), needs), mean)
    assert not network.training
    assert network.arch.cost == tuple(map(sum, zip(*(arch.cost for arch in archs), strict=True)))


def test_its_files_are_those_of_a_network(stripes: Dataset, trials: Sequence[Trial]) -> None:
    members = _trained(stripes, [trial.architecture for trial in (trials[0], trials[3], trials[3])])
    network = ensemble_of(members, stripes.task)
    files = network_files(network, task=stripes.task, intake=stripes.intake, name="ensemble", test=None)
    x = torch.from_numpy(stripes.val.inputs)
    with torch.no_grad():
        expected = network(x)
        again = stored_network(files[ARCHITECTURE], files[WEIGHTS])
        assert torch.equal(again(x), expected)
        names: dict[str, Any] = {"__name__": "model"}
        exec(files["model.py"], names)
        plain = names["Model"]()
        plain.load_state_dict(network.state_dict())
        torch.testing.assert_close(plain.eval()(x), expected, rtol=0, atol=0)


def test_random_numbers_are_left_alone(stripes: Dataset, trials: Sequence[Trial]) -> None:
    members = _trained(stripes, [trials[0].architecture])
    before = torch.get_rng_state()
    ensemble_of(members, stripes.task)
    assert torch.equal(torch.get_rng_state(), before)
