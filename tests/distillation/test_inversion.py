"""Inputs made from a teacher: the terms by other formulas, what the inputs are like, and what is learned from them."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from nas.data import Dataset, from_arrays, from_texts, load_data
from nas.distillation import Distill, Inverted, Noise
from nas.distillation.inversion import statistics_apart, total_variation
from nas.distillation.made import invert
from nas.errors import TeacherWarning, UsageError
from nas.model import Network
from nas.model.features import layer_inputs
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench
from tests.distillation.lessons import IMAGES, drawn, teacher_of
from tests.training.networks import arch_of

QUICK = Inverted(count=12, steps=20, batch_size=8)


class Digits(NamedTuple):
    """Digits, and a network for them that reaches 95 %."""

    bench: Workbench
    teacher: Network


@pytest.fixture(scope="module")
def digits() -> Digits:
    bench = Workbench(load_data("digits"), device="cpu")
    layers = "flatten, {linear: {units: 64}}, batch_norm, relu, {linear: {units: 32}}, batch_norm, relu"
    arch = arch_of(f"{layers}, {{linear: {{units: outputs}}}}", bench.data)
    teacher = fit(bench, arch, Recipe(epochs=6), seed=1).network
    teacher.zero_grad()
    return Digits(bench, teacher)


def test_total_variation_is_that_of_neighbours() -> None:
    for shape in ((3, 2, 4, 5), (3, 2, 6), (3, 2, 1, 5)):
        x = drawn(*shape)
        sides = [axis for axis in range(2, x.ndim) if x.shape[axis] > 1]
        expected = sum(np.abs(np.diff(x.numpy(), axis=axis)).mean() for axis in sides)
        assert total_variation(x).item() == pytest.approx(expected, rel=1e-5)
    assert total_variation(drawn(3, 4)).item() == 0


@pytest.mark.parametrize("shape", [(7, 3), (7, 3, 5), (7, 3, 4, 2)])
def test_statistics_are_held_against_those_that_are_remembered(shape: tuple[int, ...]) -> None:
    """Equation 4, in NumPy; 0 where a layer remembers what it reads."""
    kind = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d}[len(shape)]
    layers, read = [kind(3), kind(3)], [drawn(*shape, seed=seed) for seed in (0, 1)]
    expected = 0.0
    axes = (0, *range(2, len(shape)))
    for layer, x in zip(layers, read, strict=True):
        assert layer.running_mean is not None
        assert layer.running_var is not None
        layer.running_mean.copy_(torch.tensor([1.0, -2.0, 0.5]))
        layer.running_var.copy_(torch.tensor([2.0, 1.0, 0.1]))
        mean, variance = x.numpy().mean(axis=axes), x.numpy().var(axis=axes)
        expected += float(np.linalg.norm(mean - [1.0, -2.0, 0.5]) + np.linalg.norm(variance - [2.0, 1.0, 0.1]))
    assert statistics_apart(layers, read).item() == pytest.approx(expected, rel=1e-5)
    layers[0].running_mean, layers[0].running_var = read[0].mean(axes), read[0].var(axes, correction=0)
    assert statistics_apart(layers[:1], read[:1]).item() == pytest.approx(0, abs=1e-6)


def test_inputs_have_the_statistics_and_classes_of_a_teacher_which_stays_as_it_is(digits: Digits) -> None:
    bench, teacher = digits
    before = {name: one.clone() for name, one in teacher.state_dict().items()}
    needs = [one.requires_grad for one in teacher.parameters()]
    state = torch.get_rng_state()
    found = invert(teacher, Inverted(100, steps=60, shift=0))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], one) for name, one in teacher.state_dict().items())
    assert [one.requires_grad for one in teacher.parameters()] == needs
    assert all(one.grad is None for one in teacher.parameters())
    assert not any(one.training for one in teacher.modules())

    names = [name for name, one in teacher.named_modules() if isinstance(one, nn.BatchNorm1d)]
    layers = [teacher.get_submodule(name) for name in names]

    def apart(inputs: NDArray[Any]) -> float:
        with torch.no_grad(), layer_inputs(teacher, names) as read:
            teacher(torch.from_numpy(inputs))
        return statistics_apart(layers, [read[name] for name in names]).item()

    assert found.inputs.shape == (100, 1, 8, 8)
    assert [one.dtype for one in found] == [np.float32, np.int64]
    assert apart(found.inputs) < apart(Noise(100).prepared(bench.data, None)) / 2
    assert np.bincount(found.targets).tolist() == [10] * 10
    with torch.no_grad():
        assert (teacher(torch.from_numpy(found.inputs)).argmax(1).numpy() == found.targets).mean() > 0.95


def test_equal_arguments_make_equal_inputs_of_the_given_classes() -> None:
    teacher = teacher_of(IMAGES)
    targets = [2, 2, 0, 1, 1, 1, 2, 0, 0, 0, 0, 1]
    first, second = (invert(teacher, QUICK, targets=targets) for _ in range(2))
    assert np.array_equal(first.inputs, second.inputs)
    assert first.targets.tolist() == targets
    other = invert(teacher, replace(QUICK, seed=1), targets=targets)
    assert not np.isclose(first.inputs, other.inputs).any()


def test_a_student_learns_without_any_sample_and_more_than_from_noise(digits: Digits) -> None:
    """Labels, and the inputs of the training part, say nothing."""
    bench, teacher = digits
    arch = arch_of("flatten, {linear: {units: 32}}, relu, {linear: {units: outputs}}", bench.data)
    data = bench.data
    rng = np.random.default_rng(0)
    blind = from_arrays(
        np.zeros((20, 1, 8, 8), np.uint8),
        rng.permutation(np.arange(20) % 10),
        val=data.val,
        classes=[str(one) for one in range(10)],
    )

    def taught(on: Dataset, unlabelled: Inverted | Noise) -> Network:
        recipe = Recipe(epochs=8, lr=1e-2, distill=Distill(teacher, task_weight=0, unlabelled=unlabelled))
        return fit(Workbench(on, device="cpu"), arch, recipe, seed=0).network

    def accuracy(network: Network) -> float:
        return bench.score(network, *bench.val)["val_acc"]

    inverted = Inverted(300, steps=50)
    one, other = taught(data, inverted), taught(blind, inverted)
    assert accuracy(one) > 0.8
    assert accuracy(one) > accuracy(taught(data, Noise(300))) + 0.05
    assert all(torch.equal(first, second) for first, second in zip(one.parameters(), other.parameters(), strict=True))


def test_a_teacher_without_batch_norm_is_told() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Flatten(), nn.Linear(64, 3)).eval()
    with pytest.warns(TeacherWarning, match="no layers of batch norm"):
        found = invert(module, replace(QUICK, flip=True, shift=0), data=IMAGES.data)
    with torch.no_grad():
        assert (module(torch.from_numpy(found.inputs)).argmax(1).numpy() == found.targets).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        invert(module, replace(QUICK, statistics=0, steps=1), data=IMAGES.data)


def test_a_module_takes_the_shape_of_data() -> None:
    module = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(64, 3)).eval()
    found = invert(module, QUICK, data=IMAGES.data)
    assert found.inputs.shape == (12, 1, 8, 8)
    with pytest.raises(UsageError, match="only a network of Archwright says what it takes"):
        invert(module, QUICK)


def test_errors(tmp_path: Path) -> None:
    teacher = teacher_of(IMAGES)
    for targets in ([0], [3] * 12, [-1] * 12):
        with pytest.raises(UsageError, match="targets: expected 12 classes from 0 to 2, one for each input"):
            invert(teacher, QUICK, targets=targets)
    with pytest.raises(UsageError, match="does not exist"):
        invert(tmp_path / "gone", QUICK)
    with pytest.raises(UsageError, match="expected a path or a module, got None"):
        invert(None, QUICK)
    texts = from_texts(["one two", "two three"] * 4, [0, 1] * 4)
    arch = arch_of("{embedding: {vocabulary: 9, width: 4}}, global_avg_pool, {linear: {units: outputs}}", texts)
    with pytest.raises(UsageError, match=r"expected a network of numbers, .*; it takes token indices"):
        invert(Network(arch).eval(), QUICK)
