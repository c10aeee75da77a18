"""The loop of packed networks: each copy is trained as the single network, within rounding."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from nas.data import Augment, Dataset, from_arrays
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.packed.fit import fit_packed
from nas.training.packed.network import PackedNetwork
from nas.training.packed.training import PackedTraining, clip_each
from nas.training.several import Member, bench_of
from nas.training.workbench import Workbench
from tests.training.networks import MLP, arch_of, weights_of

CNN = (
    "{conv: {width: 4, bias: false}}, batch_norm, relu, {dropout: {p: 0.2}}, {max_pool: {kernel: 2}}, "
    "{conv: {width: 4}}, relu, global_avg_pool, {linear: {units: outputs}}"
)
RECIPES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "augmented, smoothed and penalised": {"augment": Augment(shift=1, flip=True), "l1": 1e-3, "label_smoothing": 0.1},
    "mixed, with colours": {"augment": Augment(crop=0.5, brightness=0.2, mixup=0.5, cutmix=1.0)},
    "sgd, clipped": {"optimizer": "sgd", "clip_norm": 0.1},
    "sgd, not clipped, without momentum": {"optimizer": "sgd", "clip_norm": None, "momentum": 0.0},
    "one cycle": {"optimizer": "sgd", "schedule": "one_cycle"},
    "muon": {"optimizer": "muon"},
    "averaged": {"ema": 0.8},
}


def _assert_alike(bench: Workbench, layers: str, recipe: Recipe, members: list[Member], samples: int) -> None:
    arch = arch_of(layers, bench.data)
    benches = [bench_of(member, bench, samples) for member in members]
    seeds = [member.seed for member in members]
    packed = fit_packed(benches, arch, recipe, seeds=seeds, epochs=recipe.epochs, on_epoch=lambda *_: None)
    for own, seed, found in zip(benches, seeds, packed, strict=True):
        expected = fit(own, arch, recipe, seed=seed)
        assert list(found.curves) == list(expected.curves)
        for name, curve in expected.curves.items():
            if name not in ("val_acc", "val_f1"):  # a rounding may change a decision
                assert found.curves[name] == pytest.approx(curve, rel=1e-3), name
        torch.testing.assert_close(weights_of(found), weights_of(expected), rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("changes", RECIPES.values(), ids=RECIPES)
def test_curves_are_those_of_single_trainings(squares: Dataset, changes: Mapping[str, Any]) -> None:
    """With dropout: each copy draws from a generator of its own."""
    recipe = Recipe(epochs=2, batch_size=16, lr=0.01, **changes)
    bench = Workbench(squares, device="cpu")
    _assert_alike(bench, CNN, recipe, [Member(seed) for seed in (3, 4, 3)], bench.samples)


def test_what_a_network_asks_for_is_done_to_the_samples_of_each_copy(squares: Dataset) -> None:
    recipe = Recipe(epochs=2, batch_size=16, lr=0.01, augment=Augment(cutout=1))
    bench = Workbench(squares, device="cpu")
    layers = f"{{augment: {{shift: 1, brightness: 0.3, mixup: 0.5}}}}, {CNN}"
    _assert_alike(bench, layers, recipe, [Member(seed) for seed in (3, 4, 3)], bench.samples)


def test_members_with_rows_of_their_own(corners: Dataset) -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 3))
    values = from_arrays(inputs, 1e3 * inputs @ [1.0, 2.0, 3.0] + 5e3, val_share=0.25)
    unbalanced = from_arrays(inputs, (inputs[:, 0] > 0.8).astype(int), val_share=0.25)
    labels = from_arrays(inputs, (inputs > [0.5, 0.0, -0.5]).astype(int), val_share=0.25)
    weighted: dict[str, Any] = {"loss": "focal", "class_weights": "balanced"}
    for data, loss in ((corners, {}), (values, {"loss": "huber"}), (unbalanced, weighted), (labels, weighted)):
        count = len(data.pool.samples)
        rows = rng.permutation(count)
        halves = np.sort(rows[: count // 3]), np.sort(rows[count // 3 : -5])
        members = [Member(5, *halves), Member(6, *halves[::-1]), Member(7, None, halves[0])]
        recipe = Recipe(epochs=2, batch_size=7, lr=0.01, augment=Augment(noise=0.1, mixup=0.5), **loss)
        _assert_alike(Workbench(data, device="cpu"), MLP, recipe, members, count // 3)


def test_a_copy_that_is_not_finite_leaves_the_others_as_they_are(corners: Dataset) -> None:
    """Bit for bit, with batch norm, dropout and clipping."""
    arch = arch_of("{linear: {units: 8}}, batch_norm, relu, {dropout: {p: 0.1}}, {linear: {units: outputs}}", corners)
    data = from_arrays(*corners.train, val=(corners.val.inputs, corners.val.targets))
    data.pool.samples.inputs[100:105] = np.nan
    found = []
    for one in (corners, data):
        bench = Workbench(one, device="cpu")
        views = [bench.view(train=np.arange(first, first + 100), val=np.arange(300, 400)) for first in (0, 100, 200)]
        torch.manual_seed(0)
        network = PackedNetwork([view.build(arch) for view in views], [torch.Generator() for _ in views])
        training = PackedTraining(views, network, Recipe(epochs=2, lr=0.02), seeds=range(3))
        measured = [training.advance() for _ in range(2)]
        found.append((measured, [list(each.state_dict().values()) for each in network.unpack()]))
    (whole, weights), (broken, others) = found
    assert all(np.isnan(epoch[1]["train_loss"]) for epoch in broken)
    for copy in (0, 2):
        assert [epoch[copy] for epoch in broken] == [epoch[copy] for epoch in whole]
        assert all(map(torch.equal, others[copy], weights[copy]))


def test_clipping_is_of_each_copy() -> None:
    generator = torch.Generator().manual_seed(0)
    scales = torch.tensor([0.01, 1.0, 10.0])
    gradients = [torch.randn(3, *shape, generator=generator) for shape in ((4,), (2, 5), (2, 1, 3, 3))]
    gradients = [one * scales.view(-1, *[1] * (one.dim() - 1)) for one in gradients]
    expected = []
    for copy in range(3):
        parameters = [torch.nn.Parameter(one[copy]) for one in gradients]
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient[copy].clone()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        expected.append([parameter.grad for parameter in parameters])
    clip_each(gradients, 1.0)
    for copy, wanted in enumerate(expected):
        for gradient, one in zip(gradients, wanted, strict=True):
            torch.testing.assert_close(gradient[copy], one)
    clip_each([], 1.0)
