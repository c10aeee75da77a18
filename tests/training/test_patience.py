"""The best epoch, and when a training ends."""

from typing import Any

import pytest
import torch
from torch import nn

from nas.data import Dataset
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.patience import Best
from nas.training.workbench import Workbench
from tests.training.networks import MLP, arch_of, weights_of


@pytest.mark.parametrize(
    ("monitor", "curve", "best", "ended"),
    [
        ("loss", [3, 2, 2, 1, 4], [1, 2, 2, 4, 4], [False, False, False, False, False]),
        ("loss", [1, 2, 3, 4, 0.5], [1, 1, 1, 1, 5], [False, False, True, True, False]),
        ("acc", [0.5, 0.7, 0.7, 0.6, 0.9], [1, 2, 2, 2, 5], [False, False, False, True, False]),
    ],
)
def test_the_best_epoch(monitor: str, curve: list[float], best: list[int], ended: list[bool]) -> None:
    """An equal epoch is not better."""
    network = nn.Linear(1, 1, bias=False)
    found = Best(monitor, 2)
    for epoch in range(1, 6):
        network.weight.data.fill_(epoch)
        found.note({f"val_{monitor}": curve[:epoch]}, network)
        assert found.epoch == best[epoch - 1]
        assert found.weights["weight"].item() == best[epoch - 1]
        assert found.ends(epoch) is ended[epoch - 1]


@pytest.mark.parametrize("changes", [{}, {"ema": 0.9}, {"monitor": "acc"}])
def test_a_training_ends_and_has_the_weights_of_its_best_epoch(
    bench: Workbench, corners: Dataset, changes: dict[str, Any]
) -> None:
    arch = arch_of(MLP, corners)
    told: list[int] = []
    recipe = Recipe(epochs=40, lr=0.3, warmup=0.0, patience=3, **changes)
    found = fit(bench, arch, recipe, seed=1, on_epoch=lambda epoch, _: told.append(epoch))
    name, pick = ("val_acc", max) if recipe.monitor == "acc" else ("val_loss", min)
    best = len(found.curves[name])
    assert told == list(range(1, best + 4))
    assert best + 3 < 40, "patience ran out"
    assert pick(found.curves[name]) == found.curves[name][-1]
    assert bench.score(found.network, *bench.val) == {
        key: curve[-1] for key, curve in found.curves.items() if "val" in key
    }
    # The same training without patience, up to that epoch, has the same weights.
    other = Recipe(epochs=40, lr=0.3, warmup=0.0, ema=recipe.ema)
    assert torch.equal(weights_of(fit(bench, arch, other, seed=1, epochs=best)), weights_of(found))


def test_the_best_weights_are_kept_where_patience_does_not_run_out(bench: Workbench, corners: Dataset) -> None:
    found = fit(bench, arch_of(MLP, corners), Recipe(epochs=6, lr=0.5, warmup=0.0, patience=50), seed=3)
    assert found.curves["val_loss"][-1] == min(found.curves["val_loss"])
    assert bench.score(found.network, *bench.val)["val_loss"] == found.curves["val_loss"][-1]
