"""Trainings in full, from one seed or several."""

from collections.abc import Sequence
from statistics import fmean, stdev

import pytest
import torch

from nas.data import Dataset
from nas.evaluate.means import member_seed
from nas.final.full_training import train_in_full
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench
from nas.trial import Trial

RECIPE = Recipe(epochs=2, lr=0.02, batch_size=20)


def test_with_one_seed_it_is_a_training(trials: Sequence[Trial], stripes: Dataset) -> None:
    bench, arch = Workbench(stripes, device="cpu"), trials[3].architecture
    one, trained = fit(bench, arch, RECIPE, seed=7), train_in_full(bench, arch, RECIPE, seed=7)
    assert trained.curves == one.curves
    assert trained.spread == {}
    states = trained.networks[0].state_dict(), one.network.state_dict()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[1])


def test_with_several_seeds_metrics_are_means(trials: Sequence[Trial], stripes: Dataset) -> None:
    """Within rounding, as the trainings of a small network are packed."""
    bench, arch = Workbench(stripes, device="cpu"), trials[3].architecture
    each = [fit(bench, arch, RECIPE, seed=member_seed(7, place)) for place in range(3)]
    epochs: list[int] = []
    trained = train_in_full(bench, arch, RECIPE, seed=7, seeds=3, on_epoch=lambda epoch, metrics: epochs.append(epoch))
    losses = [one.curves["val_loss"] for one in each]
    assert trained.curves["val_loss"] == pytest.approx([fmean(found) for found in zip(*losses, strict=True)], rel=1e-4)
    assert trained.spread["val_loss_sd"] == pytest.approx(stdev(curve[-1] for curve in losses), rel=1e-2)
    assert trained.spread.keys() == {"train_loss_sd", "val_loss_sd", "val_acc_sd"}
    assert epochs == [1, 2, 3, 4, 5, 6]
    expected = each[0].network.state_dict()
    torch.testing.assert_close(trained.networks[0].state_dict(), expected, rtol=1e-3, atol=1e-5)
    assert trained.seeds["val_loss"] == pytest.approx([curve[-1] for curve in losses], rel=1e-4)
    assert len(trained.networks) == 3
    assert trained.metrics.keys() == {
        *(f"{name}_curve" for name in trained.curves),
        *trained.spread,
        *(f"{name}_each" for name in trained.curves),
        "seconds",
    }
