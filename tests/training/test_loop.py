"""What each setting of a recipe does, and what the batches of an epoch are."""

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import update_bn

from nas.data import Augment, Dataset, Samples, from_arrays
from nas.descent import Descent
from nas.errors import UsageError
from nas.model import Network
from nas.ops.op import FREE
from nas.space import Architecture, Layer
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.loop import Training
from nas.training.optimizer import decayed
from nas.training.schedule import pace
from nas.training.seeding import order_seed, seeded
from nas.training.workbench import Workbench
from tests.training.networks import MLP, Probe, arch_of, weights_of


def _by_hand(data: Dataset, arch: Architecture, recipe: Recipe, seed: int) -> nn.Module:
    """The same training in plain PyTorch, one thing after another."""
    x, y = map(torch.from_numpy, data.train)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = Network(arch, mean=data.mean, std=data.std)
    generator = torch.Generator().manual_seed(order_seed(seed))
    weights = [p for name, p in network.named_parameters() if name.endswith("weight")]
    biases = [p for name, p in network.named_parameters() if name.endswith("bias")]
    groups: list[dict[str, Any]] = [
        {"params": weights, "weight_decay": recipe.weight_decay},
        {"params": biases, "weight_decay": 0},
    ]
    optimizer: torch.optim.Optimizer
    if recipe.optimizer == "adamw":
        optimizer = torch.optim.AdamW(groups, lr=1)
    else:
        optimizer = torch.optim.SGD(groups, lr=1, momentum=recipe.momentum, nesterov=recipe.momentum > 0)
    steps = recipe.epochs * math.ceil(len(y) / recipe.batch_size)
    step = 0
    for _ in range(recipe.epochs):
        for chosen in torch.split(torch.randperm(len(y), generator=generator), recipe.batch_size):
            done = step / steps
            rising, falling = (done + 1e-3) / (recipe.warmup + 1e-3), (done - recipe.warmup) / (1 - recipe.warmup)
            share = rising if done < recipe.warmup else (1 + math.cos(math.pi * falling)) / 2
            for group in optimizer.param_groups:
                group["lr"] = recipe.lr * share
            optimizer.zero_grad()
            loss = functional.cross_entropy(network(x[chosen]), y[chosen], label_smoothing=recipe.label_smoothing)
            torch.autograd.backward([loss + recipe.l1 * sum(weight.abs().sum() for weight in weights)])
            gradients = [p.grad for p in network.parameters() if p.grad is not None]
            if recipe.clip_norm is not None:
                norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
                for gradient in gradients:
                    gradient.mul_(min(1.0, recipe.clip_norm / (norm.item() + 1e-6)))
            optimizer.step()
            step += 1
    return network


PLAIN: dict[str, Any] = {
    "epochs": 3,
    "batch_size": 100,
    "optimizer": "sgd",
    "lr": 0.1,
    "warmup": 0.0,
    "momentum": 0.0,
    "weight_decay": 0.0,
    "clip_norm": None,
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"warmup": 0.5},
        {"momentum": 0.9},
        {"weight_decay": 0.5},
        {"l1": 0.05},
        {"clip_norm": 0.1},
        {"clip_norm": 1e6},
        {"label_smoothing": 0.3},
        {"optimizer": "adamw"},
        {"optimizer": "adamw", "weight_decay": 2.0, "warmup": 0.3, "l1": 0.01, "clip_norm": 0.5},
    ],
    ids=str,
)
def test_each_setting_does_what_it_says(bench: Workbench, corners: Dataset, changes: dict[str, Any]) -> None:
    arch = arch_of("{linear: {units: 5}}, tanh, {linear: {units: outputs}}", corners)
    recipe = Recipe(**PLAIN | changes)
    fitted, expected = fit(bench, arch, recipe, seed=3), _by_hand(corners, arch, recipe, seed=3)
    for name, value in expected.state_dict().items():
        torch.testing.assert_close(fitted.network.state_dict()[name], value, rtol=1e-4, atol=1e-5)
    if changes not in ({}, {"clip_norm": 1e6}):
        plain = fit(bench, arch, Recipe(**PLAIN), seed=3)
        distance = (weights_of(fitted) - weights_of(plain)).abs().max().item()
        assert distance > 1e-3, "the setting changes nothing, so that nothing was tested"


@pytest.mark.parametrize(("setting", "value"), [("weight_decay", 1.0), ("l1", 0.1)])
def test_penalties_make_weights_small(bench: Workbench, corners: Dataset, setting: str, value: float) -> None:
    arch = arch_of(MLP, corners)
    sizes = []
    for penalty in (0.0, value):
        network = fit(bench, arch, Recipe(**PLAIN | {"epochs": 20, setting: penalty}), seed=0).network
        sizes.append(sum(weight.abs().sum().item() for weight in decayed(network)))
    assert sizes[1] < 0.5 * sizes[0]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """The norm of the gradient and the learning rate of each step, as it is taken."""
    seen: list[tuple[float, float]] = []
    step = Descent.step

    def look(self: Descent, lr: float, momentum: float | None = None) -> None:
        gradients = [one.grad.flatten() for one in self.parameters if one.grad is not None]
        seen.append((torch.cat(gradients).norm().item(), lr))
        step(self, lr, momentum)

    monkeypatch.setattr(Descent, "step", look)
    return seen


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_the_gradient_is_never_longer_than_the_clip(
    bench: Workbench, corners: Dataset, optimizer: Any, steps: list[tuple[float, float]]
) -> None:
    for clip in (None, 0.05):
        recipe = Recipe(epochs=2, lr=0.05, optimizer=optimizer, clip_norm=clip, l1=0.01)
        fit(bench, arch_of(MLP, corners), recipe, seed=0)
    norms = [norm for norm, _ in steps]
    free, clipped = norms[: len(norms) // 2], norms[len(norms) // 2 :]
    assert len(clipped) == 10
    assert max(free) > 0.2
    assert max(clipped) <= 0.05 * 1.0001


def test_the_schedule_is_taken_step_by_step(
    bench: Workbench, corners: Dataset, steps: list[tuple[float, float]]
) -> None:
    recipe = Recipe(epochs=2, batch_size=75, lr=0.02, warmup=0.25)
    fit(bench, arch_of(MLP, corners), recipe, seed=0)
    assert [lr for _, lr in steps] == [pace(recipe, step, 8).lr for step in range(8)]


def _first(data: Dataset, count: int) -> Dataset:
    return Dataset("first", Samples(data.train.inputs[:count], data.train.targets[:count]), data.val, None, data.task)


@pytest.mark.parametrize(
    ("samples", "batch_size", "expected"),
    [(9, 4, [4, 4]), (10, 4, [4, 4, 2]), (8, 4, [4, 4]), (3, 64, [3]), (2, 64, [2]), (65, 64, [64])],
)
def test_a_batch_of_one_is_left_out(corners: Dataset, samples: int, batch_size: int, expected: list[int]) -> None:
    sizes: list[int] = []

    def look(linear: nn.Linear, x: Tensor) -> Tensor:
        if linear.training:
            sizes.append(len(x))
        return x

    # The weights are 0, so that every sample has the loss ln 4, and so has their mean, whichever are seen.
    probe = Probe(look, lambda linear: nn.init.zeros_(linear.weight))
    recipe = Recipe(epochs=1, batch_size=batch_size, lr=1e-9)
    fitted = fit(Workbench(_first(corners, samples), device="cpu"), probe.arch, recipe, seed=0)
    assert sizes == expected
    assert list(fitted.curves["train_loss"]) == pytest.approx([math.log(4)], rel=1e-5)


def test_an_epoch_sees_every_sample_once_in_a_new_order(corners: Dataset) -> None:
    seen: list[list[float]] = []

    def look(linear: nn.Linear, x: Tensor) -> Tensor:
        if linear.training:
            seen.append(x[:, 0].tolist())
        return x

    bench = Workbench(corners, device="cpu")
    fit(bench, Probe(look).arch, Recipe(epochs=2, batch_size=100), seed=0)
    first, second = seen[0] + seen[1] + seen[2], seen[3] + seen[4] + seen[5]
    everything = (corners.train.inputs[:, 0] - corners.mean[0]) / corners.std[0]
    assert sorted(first) == sorted(second) == pytest.approx(sorted(everything.tolist()))
    assert first != second


def test_augmentation_is_for_training_alone(corners: Dataset) -> None:
    images = np.zeros((40, 1, 3, 3), np.uint8)
    images[:, 0, 1, 1] = 200
    data = from_arrays(images, np.arange(40) % 4, val=(images, np.arange(40) % 4))
    moved: dict[bool, set[int]] = {True: set(), False: set()}

    def look(linear: nn.Linear, x: Tensor) -> Tensor:
        moved[linear.training].update(x.argmax(dim=1).tolist())
        return x

    flat = arch_of("flatten", data).layers[0]
    arch = Architecture((), (flat, Layer(Probe(look), (1,), (4,), FREE)), data.shape)
    fit(Workbench(data, device="cpu"), arch, Recipe(epochs=5, augment=Augment(shift=1)), seed=0)
    assert moved == {True: set(range(9)), False: {4}}
    assert (data.train.inputs == images).all()


@pytest.mark.parametrize("together", [2, 3, 9])
def test_batches_may_be_gathered_together(bench: Workbench, corners: Dataset, together: int) -> None:
    """As on CUDA; without augmentation, whose random numbers are drawn in another order, the training is the same."""
    curves = []
    for count in (1, together):
        with seeded(0, bench.device):
            training = Training(bench, bench.build(arch_of(MLP, corners)), Recipe(epochs=2, batch_size=70), seed=0)
            assert training.together == 1
            training.together = count
            curves.append([training.advance(), training.advance()])
    assert curves[0] == curves[1]


def test_training_needs_two_samples(corners: Dataset) -> None:
    with pytest.raises(UsageError, match=r"^training needs at least 2 samples, got 1$"):
        fit(Workbench(_first(corners, 1), device="cpu"), arch_of(MLP, corners), Recipe(), seed=0)


def test_the_ends_of_the_last_epochs_are_averaged(bench: Workbench, corners: Dataset) -> None:
    """With statistics of batch norm that are torch's, of the training samples in their order."""
    layers = "{linear: {units: 8}}, batch_norm, relu, {linear: {units: outputs}}"
    recipe = Recipe(epochs=5, batch_size=64, lr=0.02, swa=0.4)
    torch.manual_seed(0)
    network = bench.build(arch_of(layers, corners))
    training = Training(bench, network, recipe, seed=0)
    ends: list[dict[str, Tensor]] = []
    for epoch in range(5):
        measured = training.advance()
        ends.append({name: tensor.clone() for name, tensor in network.state_dict().items()})
        if epoch < 3:
            assert measured["val_loss"] == bench.score(network, *bench.val)["val_loss"]
    curves = training.finish()
    mean = {name: (ends[3][name] + ends[4][name]) / 2 for name, _ in network.named_parameters()}
    torch.testing.assert_close(dict(network.named_parameters()), mean)
    expected = copy.deepcopy(network)
    update: Any = update_bn  # it has no annotations
    samples = torch.from_numpy(corners.train.inputs)
    update([batch for batch in torch.split(samples, 64) if len(batch) > 1], expected)
    torch.testing.assert_close(network.state_dict(), expected.state_dict())
    assert curves["val_loss"][-1] == bench.score(network, *bench.val)["val_loss"]


def test_a_training_that_ends_before_its_average_has_its_weights(bench: Workbench, corners: Dataset) -> None:
    recipe = Recipe(epochs=4, swa=0.25)
    arch = arch_of(MLP, corners)
    found = [fit(bench, arch, recipe, seed=0, epochs=epochs) for epochs in (1, 4)]
    assert found[0].curves == {name: curve[:1] for name, curve in found[1].curves.items()}
    assert found[0].curves["val_loss"][-1] == bench.score(found[0].network, *bench.val)["val_loss"]
