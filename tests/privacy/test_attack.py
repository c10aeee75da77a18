"""Attacks on networks, and on those of runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import nas
from nas.data import Dataset, from_arrays
from nas.errors import UsageError
from nas.privacy.attack import LOSS, SHADOWS, infer_membership
from nas.space import Architecture, parse_space
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench, network_of

RECIPE = Recipe(epochs=40, lr=0.03, weight_decay=0.0)


@pytest.fixture(scope="module")
def noise() -> Dataset:
    """Labels that nothing follows from: what a network knows of them, it knows by heart."""
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(180, 12)).astype(np.float32), rng.integers(0, 2, 180)
    return from_arrays(inputs[:120], labels[:120], test=(inputs[120:], labels[120:]), val_share=0.5)


@pytest.fixture(scope="module")
def arch() -> Architecture:
    return parse_space(
        "{name: m, input: [12], outputs: 2, layers: [{linear: {units: 64}}, relu, {linear: {units: 2}}]}"
    ).rebuild({})


def test_what_is_learned_by_heart_is_recognised(noise: Dataset, arch: Architecture) -> None:
    network = fit(Workbench(noise, device="cpu"), arch, RECIPE, seed=0).network
    found = infer_membership(network, noise, shadows=4, recipe=RECIPE)
    assert list(found.attacks) == [LOSS, SHADOWS]
    for one in found.attacks.values():
        assert (one.members, one.others) == (60, 60)
        assert one.auc.low > 0.6
        assert one.advantage.low > 0.1
    assert found.attacks[SHADOWS].auc.value > 0.8
    assert all(len(line) <= 80 for line in found.lines)
    assert infer_membership(network, noise).attacks[LOSS] == found.attacks[LOSS]


def test_an_untrained_network_gives_nothing_away(noise: Dataset, arch: Architecture) -> None:
    torch.manual_seed(0)
    found = infer_membership(network_of(arch, noise), noise).attacks[LOSS]
    assert found.advantage.low <= 0 <= found.advantage.high
    assert found.auc.low <= 0.5 <= found.auc.high


def test_the_network_of_a_run(finished: Path) -> None:
    found = infer_membership(finished, shadows=4, recipe=Recipe(epochs=1))
    data = nas.load_data("digits")
    assert data.test is not None
    counts = {name: (one.members, one.others) for name, one in found.attacks.items()}
    assert counts == {LOSS: (len(data.train), len(data.test)), SHADOWS: (len(data.train), len(data.val))}


def test_errors(noise: Dataset, arch: Architecture, finished: Path, tmp_path: Path) -> None:
    network = network_of(arch, noise)
    with pytest.raises(UsageError, match="data: expected the data set"):
        infer_membership(network)
    with pytest.raises(UsageError, match="the run has its own"):
        infer_membership(finished, noise)
    with pytest.raises(UsageError, match="an even number of networks from 4, got 3"):
        infer_membership(network, noise, shadows=3, recipe=RECIPE)
    with pytest.raises(UsageError, match="recipe: shadow networks are trained as"):
        infer_membership(network, noise, shadows=4)
    with pytest.raises(UsageError, match="no test samples"):
        infer_membership(network, replace(noise, test=None))
    with pytest.raises(UsageError, match=r"expected inputs of \(1, 8, 8\)"):
        infer_membership(network, nas.load_data("digits"))
    with pytest.raises(UsageError, match="has no network"):
        infer_membership(tmp_path)


def test_a_joined_network_knows_the_validation_samples(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def joined(*_: object, **__: object) -> object:
        config = nas.load_config(finished / "config.yaml")
        return replace(config, final=replace(config.final, join=True))

    monkeypatch.setattr("nas.privacy.attack.load_config", joined)
    with pytest.raises(UsageError, match=r"`final.join`, so its network may know"):
        infer_membership(finished, shadows=4)
