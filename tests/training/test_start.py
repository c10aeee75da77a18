"""Trainings that begin with trained weights, some of which change more slowly."""

from pathlib import Path

import pytest
import torch

from nas.data import Dataset
from nas.errors import EvaluationFailed
from nas.training import Recipe
from nas.training.checkpoints import Checkpoints
from nas.training.fit import fit, training_key
from nas.training.start import Start
from nas.training.workbench import Workbench
from tests.training.networks import MLP, arch_of

RECIPE = Recipe(epochs=2, lr=1e-3)


def test_weights_and_their_rate(bench: Workbench, corners: Dataset) -> None:
    """Parameters that are named begin with the weights and stay near them; all others are those of the seed."""
    arch = arch_of(MLP, corners)
    given = {"linear1.weight": torch.full((16, 2), 3.0), "mean": torch.full((2,), 0.5)}
    initial = fit(bench, arch, Recipe(epochs=1, lr=1e-30), seed=0).network.state_dict()
    moved = {}
    for rate in (1.0, 1e-3):
        found = fit(bench, arch, RECIPE, seed=0, start=Start(given, rate)).network.state_dict()
        assert torch.equal(found["mean"], given["mean"])
        moved[rate] = (found["linear1.weight"] - 3).abs().max()
        assert (found["linear2.weight"] - initial["linear2.weight"]).abs().max() > 1e-3
    assert 0 < moved[1e-3] < 1e-2 * moved[1.0]


def test_weights_of_another_network(bench: Workbench, corners: Dataset) -> None:
    for weights, message in (
        ({"conv1.weight": torch.zeros(2)}, "no conv1"),
        ({"mean": torch.zeros(3)}, "state_dict"),
    ):
        with pytest.raises(EvaluationFailed, match=message):
            fit(bench, arch_of(MLP, corners), RECIPE, seed=0, start=Start(weights))


def test_checkpoints_are_of_one_start(bench: Workbench, corners: Dataset, tmp_path: Path) -> None:
    arch, checkpoints = arch_of(MLP, corners), Checkpoints(tmp_path)
    starts = [None, *(Start({"mean": torch.full((2,), value)}, rate) for value in (0.0, 1.0) for rate in (1.0, 0.5))]
    assert len({training_key(bench, arch, RECIPE, 0, start) for start in starts}) == 5
    whole = fit(bench, arch, RECIPE, seed=0, start=starts[-1])
    fit(bench, arch, RECIPE, seed=0, epochs=1, start=starts[-1], checkpoints=checkpoints)
    resumed = fit(bench, arch, RECIPE, seed=0, start=starts[-1], checkpoints=checkpoints)
    assert resumed.curves == whole.curves
