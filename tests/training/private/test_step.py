"""Steps of clipped gradients and noise."""

from typing import Any

import pytest
import torch

from nas.data import Dataset
from nas.descent import Pace
from nas.training import Recipe
from nas.training.batch import Batch
from nas.training.losses import make_loss
from nas.training.private.mechanism import Mechanism
from nas.training.private.plan import Plan
from nas.training.private.privacy import Privacy
from nas.training.private.step import PrivateStep
from nas.training.seeding import seeded
from nas.training.step import Step
from nas.training.workbench import Workbench
from tests.training.networks import arch_of

LAYERS = "{linear: {units: 8}}, tanh, {linear: {units: outputs}}"
PLAN = Plan(noise=0.0, share=0.25, expected=75, steps=4, delta=1e-5)
ROWS = torch.arange(75)


def _after(bench: Workbench, recipe: Recipe, plan: Plan | None, *, parts: int = 1, rows: Any = ROWS) -> Step:
    """A step of some samples, taken; without a plan, one that is not private."""
    with seeded(0, bench.device):
        network = bench.build(arch_of(LAYERS, bench.data)).train()
    if plan is None:
        step = Step(bench, network, recipe)
    else:
        mechanism = Mechanism(bench, plan, Privacy(1.0, noise="seeded"), 0)
        step = PrivateStep(bench, network, recipe, mechanism, parts=parts)
    inputs, targets = bench.train
    step(Batch(inputs[rows], targets[rows], rows), 0.0, Pace(0.05))
    return step


def _gradients(step: Step) -> torch.Tensor:
    return torch.cat([one.grad.flatten() for one in step.optimizer.parameters if one.grad is not None])


@pytest.mark.parametrize("settings", [{"optimizer": "sgd"}, {"l1": 0.1, "ema": 0.9}, {"optimizer": "muon"}], ids=str)
def test_without_noise_and_clipping_the_step_is_the_plain_one(bench: Workbench, settings: dict[str, Any]) -> None:
    plain = _after(bench, Recipe(**settings, clip_norm=None), None)
    for parts in (1, 2, 75):
        private = _after(bench, Recipe(**settings, clip_norm=1e9), PLAN, parts=parts)
        for one, other in zip(plain.optimizer.parameters, private.optimizer.parameters, strict=True):
            torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(private.summed, plain.summed)


def test_the_gradient_of_each_sample_is_clipped(bench: Workbench) -> None:
    recipe, norm = Recipe(clip_norm=0.3, optimizer="sgd"), 0.3
    with seeded(0, bench.device):
        network = bench.build(arch_of(LAYERS, bench.data)).train()
    loss, (inputs, targets) = make_loss(bench.task, recipe), bench.train
    total, clipped = torch.zeros(()), 0
    for row in ROWS.tolist():
        value = loss(network(inputs[row : row + 1]), targets[row : row + 1])
        flat = torch.cat([one.flatten() for one in torch.autograd.grad([value], list(network.parameters()))])
        clipped += int(flat.norm() > norm)
        total = total + flat * min(1.0, norm / (flat.norm().item() + 1e-6))
    assert clipped > 10
    torch.testing.assert_close(_gradients(_after(bench, recipe, PLAN)), total / 75, rtol=1e-4, atol=1e-6)


def test_a_sample_changes_the_sum_by_the_norm_at_most(bench: Workbench) -> None:
    """The sensitivity that the noise is for, also where a batch is of other samples, or of none."""
    recipe = Recipe(clip_norm=0.3, optimizer="sgd")
    whole = _gradients(_after(bench, recipe, PLAN)) * 75
    for left_out in (0, 30, 74):
        rest = _gradients(_after(bench, recipe, PLAN, rows=ROWS[ROWS.ne(left_out)])) * 75
        assert (whole - rest).norm() <= 0.3 + 1e-5
    assert _gradients(_after(bench, recipe, PLAN, rows=ROWS[:0])).abs().max() == 0


def test_noise_is_added_once_and_divided_by_the_expected_size(bench: Workbench) -> None:
    recipe, noisy = Recipe(clip_norm=0.3, optimizer="sgd"), PLAN._replace(noise=5.0)
    quiet = _gradients(_after(bench, recipe, PLAN))
    for parts in (1, 5):
        noise = (_gradients(_after(bench, recipe, noisy, parts=parts)) - quiet) * 75
        assert noise.std().item() == pytest.approx(5.0 * 0.3, rel=0.25)
    assert _gradients(_after(bench, recipe, noisy, rows=ROWS[:0])).std() > 0


def test_half_precision(corners: Dataset) -> None:
    bench = Workbench(corners, device="cpu", precision="bfloat16")
    recipe = Recipe(clip_norm=0.3, optimizer="sgd")
    whole = _gradients(_after(Workbench(corners, device="cpu"), recipe, PLAN))
    torch.testing.assert_close(_gradients(_after(bench, recipe, PLAN)), whole, rtol=0.05, atol=0.003)
