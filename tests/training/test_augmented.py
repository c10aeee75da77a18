"""Augmented batches of a training, and what samples that are mixed with others are trained for."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from nas.data import Augment, Dataset, from_arrays
from nas.errors import UsageError
from nas.space import Architecture, load_space
from nas.training import Checkpoints, Recipe
from nas.training.augmented import augmentation_of, augmented
from nas.training.fit import fit
from nas.training.workbench import Workbench
from tests.training.networks import arch_of, weights_of

LAYERS = "{conv: {width: 4}}, relu, global_avg_pool, {linear: {units: outputs}}"


@pytest.fixture(scope="module")
def squares() -> Dataset:
    """Images whose brightest corner is the class."""
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 4
    images = rng.integers(0, 60, (120, 3, 6, 6)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, 3 * (label // 2) :, 3 * (label % 2) :][:, :3, :3] += 150
    return from_arrays(images, labels, val_share=0.2)


def test_targets_of_partners_come_with_their_shares(squares: Dataset) -> None:
    bench = Workbench(squares, device="cpu")
    chosen = torch.arange(10, 40)
    inputs, targets = bench.train
    change = augmentation_of(bench, Augment(mixup=1.0))
    batch = augmented(inputs[chosen], targets, chosen, change, torch.Generator().manual_seed(0))
    mixture = batch.mixture()
    assert mixture is not None
    assert torch.equal(batch.samples, chosen)
    assert torch.equal(batch.targets, targets[chosen])
    changed, partners = change(inputs[chosen], torch.Generator().manual_seed(0))
    assert partners is not None
    assert torch.equal(batch.inputs, changed)
    assert torch.equal(mixture.targets, targets[chosen[partners.places]])
    assert torch.equal(mixture.shares, partners.shares)
    plain = augmented(inputs[chosen], targets, chosen, augmentation_of(bench, Augment()), torch.Generator())
    assert plain.mixture() is None
    assert torch.equal(plain.inputs, inputs[chosen])


def test_a_fold_knows_its_own_samples_alone() -> None:
    """Brightness is limited by black and white of the rows that are trained on."""
    images = np.full((40, 1, 2, 2), 100, np.uint8)
    images[:, 0, 0, 0] = 50
    images[0] = 255
    data = from_arrays(images, np.arange(40) % 2, val=(images[:10], np.arange(10) % 2))
    bench = Workbench(data, device="cpu")
    for view, white in ((bench, 255), (bench.view(train=np.arange(1, 30), val=np.arange(30, 40)), 100)):
        change = augmentation_of(view, Augment(brightness=1.0))
        found = change(view.train[0][1:30], torch.Generator().manual_seed(0)).inputs
        assert (found.max() > 100) == (white > 100)


@pytest.mark.parametrize(
    "settings",
    [
        {"mixup": 0.4},
        {"cutmix": 1.0},
        {"policy": "rand_augment", "crop": 0.5, "brightness": 0.2},
        {"flip": True, "cutout": 2, "mixup": 1.0, "cutmix": 1.0},
    ],
    ids=str,
)
def test_trainings_are_reproducible_and_learn(squares: Dataset, settings: dict[str, Any]) -> None:
    bench, arch = Workbench(squares, device="cpu"), arch_of("flatten, {linear: {units: outputs}}", squares)
    recipe = Recipe(epochs=3, batch_size=16, lr=0.02, augment=Augment(**settings))
    found = [fit(bench, arch, recipe, seed=seed).curves for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert found[0]["val_loss"][-1] < found[0]["val_loss"][0]


def test_regression_is_mixed_too() -> None:
    """The target of a sum is the sum of the targets where the data are linear."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(100, 3))
    data = from_arrays(inputs, inputs @ [1.0, -2.0, 0.5] + 3)
    recipe = Recipe(epochs=20, batch_size=16, lr=0.1, augment=Augment(mixup=1.0))
    fitted = fit(Workbench(data, device="cpu"), arch_of("{linear: {units: outputs}}", data), recipe, seed=0)
    assert fitted.curves["val_rmse"][-1] < 0.1


def test_batches_in_parts_have_the_result_of_whole_ones(squares: Dataset) -> None:
    """Where the memory of a device does not suffice: shares and partners are divided as samples are."""
    from nas.training.loop import Training
    from nas.training.seeding import seeded

    bench, arch = Workbench(squares, device="cpu"), arch_of(LAYERS, squares)
    losses = []
    for parts in (1, 2):
        with seeded(0, bench.device):
            recipe = Recipe(epochs=2, batch_size=32, augment=Augment(mixup=1.0, cutmix=1.0))
            training = Training(bench, bench.build(arch), recipe, seed=0, parts=parts)
            losses.append([training.advance()["train_loss"] for _ in range(2)])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_what_does_not_suit_ends_before_training(squares: Dataset) -> None:
    recipe = Recipe(epochs=1, augment=Augment(token_dropout=0.1))
    with pytest.raises(UsageError, match=r"^augment\.token_dropout: for texts, but the data are images$"):
        fit(Workbench(squares, device="cpu"), arch_of(LAYERS, squares), recipe, seed=0)


POLICIES: Mapping[str, Augment] = {
    "moves": Augment(shift=1, flip=True),
    "colours": Augment(policy="rand_augment", magnitude=12, brightness=0.2),
    "mixed": Augment(mixup=1.0, cutmix=1.0, noise=0.1),
}


def _asking(augment: Augment, layers: str, data: Dataset) -> Architecture:
    """A network that asks for augmentation with its first layer."""
    space = {"layers": [{"augment": augment.arguments()}, *yaml.safe_load(f"[{layers}]")]}
    return load_space(space, data=data).rebuild({})


@pytest.mark.parametrize("name", POLICIES)
def test_a_layer_is_as_good_as_a_recipe(squares: Dataset, name: str) -> None:
    """Bit for bit, with a part of it in the recipe as well; validation samples stay as they are."""
    bench, policy = Workbench(squares, device="cpu"), POLICIES[name]
    layers = "{conv: {width: 3}}, relu, {dropout: {p: 0.1}}, flatten, {linear: {units: outputs}}"
    asking, plain = _asking(policy, layers, squares), arch_of(layers, squares)
    assert asking.augment == policy
    assert asking.id != plain.id
    expected = fit(bench, plain, Recipe(epochs=2, augment=replace(policy, erase=0.5)), seed=4)
    found = fit(bench, asking, Recipe(epochs=2, augment=Augment(erase=0.5)), seed=4)
    assert found.curves == expected.curves
    assert torch.equal(weights_of(found), weights_of(expected))
    assert found.curves != fit(bench, plain, Recipe(epochs=2, augment=Augment(erase=0.5)), seed=4).curves
    inputs = torch.from_numpy(squares.val.inputs)
    for training in (False, True):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            first = found.network.train(training)(inputs)
            torch.manual_seed(0)
            assert torch.equal(first, expected.network.train(training)(inputs))


def test_a_layer_that_asks_for_nothing_is_none(squares: Dataset) -> None:
    layers = "flatten, {linear: {units: outputs}}"
    found = _asking(Augment(magnitude=5), layers, squares)
    assert (found.id, found.names, found.augment) == (arch_of(layers, squares).id, ("flatten1", "linear1"), Augment())


def test_paused_trainings_go_on_with_what_the_network_asks_for(squares: Dataset, tmp_path: Path) -> None:
    """A training of another policy is another one, though recipe and seed are the same."""
    bench, checkpoints, recipe = Workbench(squares, device="cpu"), Checkpoints(tmp_path), Recipe(epochs=3)
    archs = [_asking(policy, "flatten, {linear: {units: outputs}}", squares) for policy in POLICIES.values()]
    for arch in archs:
        fit(bench, arch, recipe, seed=1, epochs=1, checkpoints=checkpoints)
    assert len(list(tmp_path.iterdir())) == len(archs)
    trained: list[int] = []
    for arch in archs:
        trained.clear()
        found = fit(
            bench, arch, recipe, seed=1, checkpoints=checkpoints, on_epoch=lambda epoch, _: trained.append(epoch)
        )
        assert trained == [2, 3]
        assert torch.equal(weights_of(found), weights_of(fit(bench, arch, recipe, seed=1)))


def test_what_recipe_and_network_both_say_ends_before_training(squares: Dataset) -> None:
    arch = _asking(Augment(shift=1), "flatten, {linear: {units: outputs}}", squares)
    with pytest.raises(UsageError, match=r"^augment\.shift: set by the recipe, and by networks of the space"):
        fit(Workbench(squares, device="cpu"), arch, Recipe(epochs=1, augment=Augment(shift=2)), seed=0)
