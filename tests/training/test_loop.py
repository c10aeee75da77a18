"""Training: what follows from a seed, what each setting of a recipe does, and how a training may fail."""

import copy
import math
import random
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.optimizer import register_optimizer_step_pre_hook

from nas.data import Augment, Dataset, Samples, from_arrays, load_data
from nas.errors import EvaluationFailed, FailureKind, ShapeError, StorageError, UsageError
from nas.interrupt import Stopped
from nas.model import Network
from nas.ops import Cost, Op, Shape
from nas.ops.op import FREE
from nas.space import Architecture, Layer, Space, parse_space
from nas.training import Recipe, loop
from nas.training.loop import (
    Fitted,
    Workbench,
    decayed,
    device_name,
    learning_rate,
    make_optimizer,
    order_seed,
    pick_device,
)

MLP = "{linear: {units: 16}}, relu, {dropout: {p: 0.1}}, {linear: {units: classes}}"


def _arch(layers: str, data: Dataset) -> Architecture:
    classes = len(data.classes) if "classes" in layers else None
    return parse_space(f"layers: [{layers}]", input=data.shape, classes=classes).rebuild({})


def _weights(fitted: Fitted) -> Tensor:
    return torch.cat([value.flatten().double() for value in fitted.network.state_dict().values()])


def _random_states() -> list[str]:
    return [repr(random.getstate()), repr(np.random.get_state(legacy=True)), repr(torch.get_rng_state().tolist())]


@dataclass(frozen=True)
class Probe(Op):
    """Four logits from a linear layer without a bias; `look` is called with what comes in and gives what goes on."""

    name: ClassVar[str] = "probe"

    look: Callable[[nn.Linear, Tensor], Tensor] = lambda linear, x: x
    start: Callable[[nn.Linear], object] = lambda linear: None

    def shape(self, input: Shape) -> Shape:
        return (4,)

    def cost(self, input: Shape) -> Cost:
        return FREE

    def module(self, input: Shape) -> nn.Module:
        linear = nn.Linear(input[0], 4, bias=False)
        self.start(linear)
        linear.register_forward_pre_hook(lambda module, inputs: (self.look(linear, inputs[0]),))
        return linear

    @property
    def arch(self) -> Architecture:
        """A network of this alone, for points in a plane."""
        return Architecture((), (Layer(self, (0,), (4,), FREE),), (2,))


@pytest.fixture(scope="module")
def bench(corners: Dataset) -> Workbench:
    return Workbench(corners, device="cpu")


def test_weights_and_the_order_of_samples_are_of_streams_of_their_own() -> None:
    # Seeded alike, two generators give one stream: the first weights would say which samples come first.
    for seed in (0, 7, 2**32 - 1):
        weights, order = (torch.Generator().manual_seed(number) for number in (seed, order_seed(seed)))
        draws = torch.stack([torch.rand(4000, generator=generator) for generator in (weights, order)])
        assert abs(torch.corrcoef(draws)[0, 1].item()) < 0.08  # 5 standard deviations
        assert not torch.equal(torch.randperm(50, generator=weights), torch.randperm(50, generator=order))
    assert len({order_seed(seed) for seed in range(1000)}) == 1000


def test_a_training_follows_from_its_seed(bench: Workbench, corners: Dataset) -> None:
    recipe = Recipe(epochs=3)
    before = _random_states()
    first = bench.fit(_arch(MLP, corners), recipe, seed=7)
    assert _random_states() == before
    with torch.random.fork_rng():
        torch.manual_seed(99)
        torch.rand(5)
        # On a bench of its own, so that nothing is left over from the first.
        again = Workbench(corners, device="cpu").fit(_arch(MLP, corners), recipe, seed=7)
    other = bench.fit(_arch(MLP, corners), recipe, seed=8)
    assert torch.equal(_weights(first), _weights(again))
    assert first.curves == again.curves
    assert not torch.equal(_weights(first), _weights(other))
    assert first.curves["train_loss"] != other.curves["train_loss"]


def test_images_with_everything_random_follow_from_the_seed(corners: Dataset) -> None:
    rng = np.random.default_rng(0)
    data = from_arrays(rng.integers(0, 256, (60, 2, 6, 6)).astype(np.uint8), np.arange(60) % 3)
    layers = "{conv: {width: 4}}, batch_norm, {dropout: {p: 0.5}}, {residual: [{conv: {width: 4}}]}, flatten, "
    arch = _arch(layers + "{linear: {units: classes}}", data)
    recipe = Recipe(epochs=2, batch_size=16, augment=Augment(shift=2, flip=True))
    fits = [Workbench(data, device="cpu").fit(arch, recipe, seed=seed) for seed in (1, 1, 2)]
    assert torch.equal(_weights(fits[0]), _weights(fits[1]))
    assert fits[0].curves == fits[1].curves != fits[2].curves


def test_generators_are_put_back_when_a_training_fails(bench: Workbench, corners: Dataset) -> None:
    before = _random_states()
    with pytest.raises(EvaluationFailed):
        bench.fit(_arch(MLP, corners), Recipe(lr=1e30), seed=0)
    assert _random_states() == before


def test_what_a_training_gives(bench: Workbench, corners: Dataset) -> None:
    seen: list[tuple[int, Mapping[str, float]]] = []
    fitted = bench.fit(
        _arch(MLP, corners), Recipe(epochs=9), seed=0, epochs=4, on_epoch=lambda *told: seen.append(told)
    )
    assert list(fitted.curves) == ["train_loss", "val_loss", "val_acc"]
    assert {len(curve) for curve in fitted.curves.values()} == {4}
    assert [epoch for epoch, _ in seen] == [1, 2, 3, 4]
    for name, curve in fitted.curves.items():
        assert tuple(metrics[name] for _, metrics in seen) == curve
    assert fitted.seconds > 0
    assert not fitted.network.training
    assert not any(module.training for module in fitted.network.modules())
    inputs, labels = map(torch.from_numpy, corners.val)
    with torch.no_grad():
        logits = fitted.network(inputs)
    assert (logits.argmax(1) == labels).double().mean().item() == fitted.curves["val_acc"][-1]
    assert functional.cross_entropy(logits, labels).item() == pytest.approx(fitted.curves["val_loss"][-1], rel=1e-5)


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
    arch = _arch("{linear: {units: 5}}, tanh, {linear: {units: classes}}", corners)
    recipe = Recipe(**PLAIN | changes)
    fitted, expected = bench.fit(arch, recipe, seed=3), _by_hand(corners, arch, recipe, seed=3)
    for name, value in expected.state_dict().items():
        torch.testing.assert_close(fitted.network.state_dict()[name], value, rtol=1e-4, atol=1e-5)
    if changes not in ({}, {"clip_norm": 1e6}):
        plain = bench.fit(arch, Recipe(**PLAIN), seed=3)
        distance = (_weights(fitted) - _weights(plain)).abs().max().item()
        assert distance > 1e-3, "the setting changes nothing, so that nothing was tested"


@pytest.mark.parametrize(("setting", "value"), [("weight_decay", 1.0), ("l1", 0.1)])
def test_penalties_make_weights_small(bench: Workbench, corners: Dataset, setting: str, value: float) -> None:
    arch = _arch(MLP, corners)
    sizes = []
    for penalty in (0.0, value):
        network = bench.fit(arch, Recipe(**PLAIN | {"epochs": 20, setting: penalty}), seed=0).network
        sizes.append(sum(weight.abs().sum().item() for weight in decayed(network)))
    assert sizes[1] < 0.5 * sizes[0]


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_the_gradient_is_never_longer_than_the_clip(bench: Workbench, corners: Dataset, optimizer: Any) -> None:
    norms: list[float] = []

    def look(optimizer: torch.optim.Optimizer, arguments: Any, keywords: Any) -> None:
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"]]
        norms.append(torch.cat([gradient.flatten() for gradient in gradients]).norm().item())

    handle = register_optimizer_step_pre_hook(look)
    try:
        for clip in (None, 0.05):
            recipe = Recipe(epochs=2, lr=0.05, optimizer=optimizer, clip_norm=clip, l1=0.01)
            bench.fit(_arch(MLP, corners), recipe, seed=0)
    finally:
        handle.remove()
    free, clipped = norms[: len(norms) // 2], norms[len(norms) // 2 :]
    assert len(clipped) == 10
    assert max(free) > 0.2
    assert max(clipped) <= 0.05 * 1.0001


def test_learning_rate_is_golden() -> None:
    # By hand: a line from near 0 to 1 over the warm-up, and then half a cosine. Change with an entry in the changelog.
    for progress, expected in {
        0.0: 1e-3 / 0.201,
        0.1: 0.101 / 0.201,
        0.2: 1.0,
        0.4: (1 + math.sqrt(0.5)) / 2,
        0.6: 0.5,
        0.8: (1 - math.sqrt(0.5)) / 2,
        1.0: 0.0,
    }.items():
        assert learning_rate(progress, 0.2) == pytest.approx(expected, abs=1e-12)
    assert [learning_rate(progress, 0.0) for progress in (0.0, 0.5)] == pytest.approx([1.0, 0.5])
    rates = [learning_rate(step / 1000, 0.3) for step in range(1000)]
    assert rates[:301] == sorted(rates[:301])
    assert rates[300:] == sorted(rates[300:], reverse=True)
    assert all(0 < rate <= 1 for rate in rates)


def test_the_schedule_is_taken_step_by_step(bench: Workbench, corners: Dataset) -> None:
    rates: list[float] = []
    handle = register_optimizer_step_pre_hook(lambda o, *_: rates.extend({group["lr"] for group in o.param_groups}))
    try:
        bench.fit(_arch(MLP, corners), Recipe(epochs=2, batch_size=75, lr=0.02, warmup=0.25), seed=0)
    finally:
        handle.remove()
    assert rates == pytest.approx([0.02 * learning_rate(step / 8, 0.25) for step in range(8)])


def test_only_weights_decay() -> None:
    data = from_arrays(np.zeros((4, 2, 6, 6)), [0, 1, 0, 1], val=(np.zeros((2, 2, 6, 6)), [0, 1]))
    layers = "{conv: {width: 4}}, batch_norm, {group_norm: {groups: 2}}, layer_norm, {separable_conv: {width: 4}}, "
    network = Network(_arch(layers + "flatten, layer_norm, {linear: {units: classes}}", data))
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    expected = ["conv1.weight", "separable_conv1.0.weight", "separable_conv1.1.weight", "linear1.weight"]
    assert [names[id(parameter)] for parameter in decayed(network)] == expected
    for recipe in (Recipe(weight_decay=0.3), Recipe(weight_decay=0.3, optimizer="sgd")):
        optimizer = make_optimizer(network, recipe)
        decays = {names[id(p)]: group["weight_decay"] for group in optimizer.param_groups for p in group["params"]}
        assert decays == {name: 0.3 if name in expected else 0.0 for name in names.values()}
    assert isinstance(make_optimizer(network, Recipe()), torch.optim.AdamW)
    sgd = make_optimizer(network, Recipe(optimizer="sgd", momentum=0.7))
    assert isinstance(sgd, torch.optim.SGD)
    assert (sgd.defaults["momentum"], sgd.defaults["nesterov"]) == (0.7, True)
    assert not make_optimizer(network, Recipe(optimizer="sgd", momentum=0.0)).defaults["nesterov"]


def test_embeddings_are_not_decayed() -> None:
    layers = "{embedding: {vocabulary: 9, width: 4, position: learned}}, {transformer_block: {heads: 2}}, "
    arch = parse_space(f"layers: [{layers} {{gru: {{units: 3, output: last}}}}]", input=(5,)).rebuild({})
    network = Network(arch)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    assert [names[id(parameter)] for parameter in decayed(network)] == [
        *(f"transformer_block1.{name}.weight" for name in ("0.qkv", "0.out", "1.up", "1.down")),
        *(f"gru1.rnn.weight_{name}_l0" for name in ("ih", "hh")),
    ]


def _first(data: Dataset, count: int) -> Dataset:
    return Dataset("first", Samples(data.train.inputs[:count], data.train.labels[:count]), data.val, None, data.classes)


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
    fitted = Workbench(_first(corners, samples), device="cpu").fit(probe.arch, recipe, seed=0)
    assert sizes == expected
    assert list(fitted.curves["train_loss"]) == pytest.approx([math.log(4)], rel=1e-5)


def test_an_epoch_sees_every_sample_once_in_a_new_order(corners: Dataset) -> None:
    seen: list[list[float]] = []

    def look(linear: nn.Linear, x: Tensor) -> Tensor:
        if linear.training:
            seen.append(x[:, 0].tolist())
        return x

    bench = Workbench(corners, device="cpu")
    bench.fit(Probe(look).arch, Recipe(epochs=2, batch_size=100), seed=0)
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

    flat = _arch("flatten", data).layers[0]
    arch = Architecture((), (flat, Layer(Probe(look), (1,), (4,), FREE)), data.shape)
    Workbench(data, device="cpu").fit(arch, Recipe(epochs=5, augment=Augment(shift=1)), seed=0)
    assert moved == {True: set(range(9)), False: {4}}
    assert (data.train.inputs == images).all()


def test_training_needs_two_samples(corners: Dataset) -> None:
    with pytest.raises(UsageError, match=r"^training needs 2 samples or more, got 1$"):
        Workbench(_first(corners, 1), device="cpu").fit(_arch(MLP, corners), Recipe(), seed=0)


def test_training_takes_an_epoch(bench: Workbench, corners: Dataset) -> None:
    with pytest.raises(UsageError, match=r"^training takes 1 epoch or more, got 0$"):
        bench.fit(_arch(MLP, corners), Recipe(), seed=0, epochs=0)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_training_that_diverges_is_nonfinite(bench: Workbench, corners: Dataset, optimizer: Any) -> None:
    with pytest.raises(EvaluationFailed, match=r"^NONFINITE: (train|val)_loss is (nan|inf) after epoch 1$") as caught:
        bench.fit(_arch(MLP, corners), Recipe(lr=1e30, optimizer=optimizer), seed=0)
    assert caught.value.kind is FailureKind.NONFINITE


def _raises(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "in_module", "in_training"),
    [
        (RuntimeError("wrong\nshape"), "BUILD_ERROR: wrong", "CRASH: wrong"),
        (ShapeError("does not fit"), "BUILD_ERROR: does not fit", "CRASH: does not fit"),
        (KeyError("weight"), "BUILD_ERROR: KeyError: 'weight'", "CRASH: KeyError: 'weight'"),
        (SystemExit(0), "BUILD_ERROR: SystemExit: 0", "CRASH: SystemExit: 0"),
        (MemoryError(), "OOM_HOST: out of memory", "OOM_HOST: out of memory"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_what_a_search_survives(bench: Workbench, error: BaseException, in_module: str, in_training: str) -> None:
    for message, probe in ((in_module, Probe(start=_raises(error))), (in_training, Probe(look=_raises(error)))):
        with pytest.raises(EvaluationFailed) as caught:
            bench.fit(probe.arch, Recipe(epochs=1), seed=0)
        assert str(caught.value).startswith(message)
        assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Stopped(signal.SIGINT), StorageError("the disk is full")])
def test_what_is_not_about_the_candidate_passes(bench: Workbench, error: BaseException) -> None:
    for probe in (Probe(start=_raises(error)), Probe(look=_raises(error))):
        with pytest.raises(type(error)) as caught:
            bench.fit(probe.arch, Recipe(epochs=1), seed=0)
        assert caught.value is error


def test_a_forward_that_returns_nothing(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Network, "forward", lambda network, x: None)
    with pytest.raises(EvaluationFailed, match=r"^CRASH: AttributeError: 'NoneType' object has no attribute 'float'"):
        bench.fit(Probe().arch, Recipe(epochs=1), seed=0)


def test_what_a_candidate_sets_for_all_is_put_back(bench: Workbench) -> None:
    def set_all(linear: nn.Linear) -> None:
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)

    clean = Probe().arch
    before = bench.fit(clean, Recipe(epochs=1), seed=0).curves
    with pytest.raises(EvaluationFailed):
        bench.fit(Probe(start=set_all).arch, Recipe(epochs=1), seed=0)
    assert bench.fit(clean, Recipe(epochs=1), seed=0).curves == before


@pytest.mark.parametrize("error", [RuntimeError("a bug"), ValueError("a bug")])
def test_what_a_callback_raises_is_no_failed_trial(bench: Workbench, corners: Dataset, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        bench.fit(_arch(MLP, corners), Recipe(epochs=2), seed=0, on_epoch=_raises(error))
    assert caught.value is error


def test_memory_that_no_machine_has_is_out_of_memory(bench: Workbench) -> None:
    with pytest.raises(EvaluationFailed) as caught:
        bench.fit(Probe(start=lambda linear: torch.empty(1 << 58, dtype=torch.uint8)).arch, Recipe(), seed=0)
    assert caught.value.kind is FailureKind.OOM_HOST


def test_a_network_without_parameters_crashes_in_words(bench: Workbench) -> None:
    with pytest.raises(EvaluationFailed, match=r"^CRASH: optimizer got an empty parameter list$"):
        bench.fit(Architecture((), (), (2,)), Recipe(), seed=0)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_reduced_precision(corners: Dataset, precision: Any) -> None:
    types: set[tuple[torch.dtype, torch.dtype]] = set()

    def look(linear: nn.Linear, x: Tensor) -> Tensor:
        types.add((linear.weight.dtype, x.dtype))
        return x

    bench = Workbench(corners, device="cpu", precision=precision)
    first = _arch("{linear: {units: 16}}, relu", corners).layers
    arch = Architecture((), (*first, Layer(Probe(look), (2,), (4,), FREE)), (2,))
    fitted = bench.fit(arch, Recipe(epochs=10, lr=0.02), seed=0)
    # Weights are kept in full, and what goes through the layers is not.
    # (Whether the device has the layer at all is asked for in full precision too.)
    assert types - {(torch.float32, torch.float32)} == {(torch.float32, getattr(torch, precision))}
    assert fitted.curves["val_acc"][-1] >= 0.95
    again = bench.fit(arch, Recipe(epochs=10, lr=0.02), seed=0)
    assert fitted.curves == again.curves


def test_full_precision_is_the_default_on_a_cpu(corners: Dataset) -> None:
    assert Workbench(corners, device="cpu").dtype is torch.float32
    assert Workbench(corners, device="cpu", precision="float32").dtype is torch.float32


def test_points_far_apart_are_told_apart(bench: Workbench, space: Space) -> None:
    """Each network of the space, from each of two seeds, in 15 epochs of 5 steps; 100 % on a CPU."""
    for arch in space:
        for seed in range(2):
            assert bench.fit(arch, Recipe(epochs=15, lr=0.03), seed=seed).curves["val_acc"][-1] >= 0.95


def test_stripes_are_told_apart_by_a_convolution() -> None:
    """Images of horizontal, vertical and diagonal stripes under noise; 8 epochs of 4 steps."""
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    rows, columns = np.mgrid[:6, :6]
    patterns = np.stack([rows % 2, columns % 2, (rows + columns) % 2])
    images = (200 * patterns[labels] + rng.integers(0, 56, (300, 6, 6))).astype(np.uint8)[:, None]
    data = from_arrays(images, labels, val_share=0.2)
    arch = _arch("{conv: {width: 8}}, batch_norm, relu, global_avg_pool, {linear: {units: classes}}", data)
    fitted = Workbench(data, device="cpu").fit(arch, Recipe(epochs=8, lr=0.03), seed=0)
    assert fitted.curves["val_acc"][-1] >= 0.95


def test_digits_are_read() -> None:
    """scikit-learn's digits in 5 epochs: 96.8 to 98.3 % of the validation part with the seeds 0 to 4, on a CPU."""
    data = load_data("digits")
    layers = "{conv: {width: 16}}, batch_norm, relu, {max_pool: {kernel: 2}}, {conv: {width: 32}}, batch_norm, relu, "
    arch = _arch(layers + "flatten, {linear: {units: classes}}", data)
    fitted = Workbench(data, device="cpu").fit(arch, Recipe(epochs=5, lr=0.01), seed=0)
    assert fitted.curves["val_acc"][-1] >= 0.95


def test_scores_by_hand(corners: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Workbench(corners, device="cpu")
    arch = _arch("{linear: {units: 16}}, {dropout: {p: 0.9}}, {linear: {units: classes}}", corners)
    network = bench.build(arch)
    inputs, labels = corners.val
    network.eval()
    with torch.no_grad():
        logits = network(torch.from_numpy(inputs)).double().numpy()
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    loss = -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    accuracy = (logits.argmax(axis=1) == labels).mean()
    for size in (7, 100, 2048):
        # The batches are for memory alone: the last, smaller one counts by its samples.
        monkeypatch.setattr(loop, "SCORING_BATCH", size)
        network.train()
        scored = bench.score_samples(network, corners.val, "val")
        assert scored == {"val_loss": pytest.approx(loss, rel=1e-5), "val_acc": accuracy}
        assert not network.training
    assert list(bench.score_samples(network, corners.val, "test")) == ["test_loss", "test_acc"]


def test_cuda_without_a_device(corners: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    message = "^device 'cuda' was asked for, and torch finds no CUDA device$"
    with pytest.raises(UsageError, match=message):
        pick_device("cuda")
    with pytest.raises(UsageError, match=message):
        Workbench(corners, device="cuda")
    assert pick_device("auto") == pick_device("cpu") == torch.device("cpu")
    assert Workbench(corners).device.type == "cpu"
    assert device_name(pick_device("auto")).startswith(f"cpu ({torch.get_num_threads()} thread")


def test_cuda_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Fake 100")
    assert pick_device("auto") == pick_device("cuda") == torch.device("cuda")
    assert pick_device("cpu") == torch.device("cpu")
    assert device_name(torch.device("cuda")) == "cuda (Fake 100)"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device")
@pytest.mark.parametrize("precision", ["auto", "float32", "bfloat16", "float16"])
def test_training_on_a_gpu(corners: Dataset, precision: Any) -> None:
    bench = Workbench(corners, device="cuda", precision=precision)
    before = torch.cuda.get_rng_state()
    fitted = bench.fit(_arch(MLP, corners), Recipe(epochs=8, lr=0.03), seed=0)
    assert torch.equal(torch.cuda.get_rng_state(), before)
    assert fitted.curves["val_acc"][-1] >= 0.95


def test_the_data_set_stays_as_it_was(bench: Workbench, corners: Dataset) -> None:
    before = copy.deepcopy(corners.train)
    bench.fit(_arch(MLP, corners), Recipe(epochs=1), seed=0)
    assert np.array_equal(before.inputs, corners.train.inputs)
    assert np.array_equal(before.labels, corners.train.labels)
