"""Muon is torch's, and which weights it updates."""

import itertools
import math

import pytest
import torch
from torch import nn

from nas.descent import Descent
from nas.errors import ShapeError
from nas.model import Network
from nas.ops import OPS
from nas.space import parse_space
from nas.training.muon import hidden, muon_rule, orthogonalised
from nas.training.optimizer import decayed, make_optimizer
from nas.training.recipe import Recipe
from tests.model.layers import ARGUMENTS


@pytest.mark.parametrize("shape", [(6, 4), (3, 8), (5, 5), (1, 7)])
@pytest.mark.parametrize("rate", [float, torch.tensor])
def test_steps_are_those_of_torch(shape: tuple[int, int], rate: type) -> None:
    """With its iterations in bfloat16, as torch has them, and then with those of float32, roughly."""
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(shape, generator=generator)
    gradients = [torch.randn(shape, generator=generator) * 10.0**place for place in (-3, 0, 2, -1)]
    for dtype, tolerance in ((torch.bfloat16, 1e-6), (None, 2e-2)):
        ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
        optimizer = Descent([ours], muon_rule(0.9, dtype=dtype), decay=0.1, decayed=[ours])
        reference: torch.optim.Optimizer = torch.optim.Muon(
            [theirs], weight_decay=0.1, momentum=0.9, adjust_lr_fn="match_rms_adamw"
        )
        for place, gradient in enumerate(gradients):
            lr = 0.1 / (place + 1)
            ours.grad, theirs.grad = gradient.clone(), gradient.clone()
            optimizer.step(rate(lr))
            for group in reference.param_groups:
                group["lr"] = lr
            reference.step()
            torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


def test_kernels_are_matrices_of_one_row_for_each_filter() -> None:
    torch.manual_seed(0)
    kernel = nn.Parameter(torch.randn(4, 3, 3, 3).contiguous(memory_format=torch.channels_last))
    matrix = nn.Parameter(kernel.detach().flatten(1).clone())
    for parameter in (kernel, matrix):
        parameter.grad = torch.sin(parameter.detach() * 5)
        Descent([parameter], muon_rule(0.95)).step(0.1)
    torch.testing.assert_close(kernel.detach().flatten(1), matrix.detach())


@pytest.mark.parametrize("flat", [True, False])
def test_copies_are_matrices_of_their_own(flat: bool) -> None:
    torch.manual_seed(0)
    together = nn.Parameter(torch.randn(3, 5, 2, 3))
    alone = [nn.Parameter(copy.clone()) for copy in together.detach()]
    optimizers = [Descent([one], muon_rule(0.9, flat=flat)) for one in alone]
    packed = Descent([together], muon_rule(0.9, copies=True, flat=flat))
    for scale in (1.0, 0.01):
        together.grad = torch.cos(together.detach() * 7) * scale
        for one, optimizer in zip(alone, optimizers, strict=True):
            one.grad = torch.cos(one.detach() * 7) * scale
            optimizer.step(0.1)
        packed.step(0.1)
    torch.testing.assert_close(together.detach(), torch.stack([one.detach() for one in alone]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", OPS)
def test_the_matrices_of_every_op(name: str) -> None:
    """A kernel is one matrix, of a row for each filter; of any other weight, the last two dimensions are one."""
    for arguments, input in itertools.product(ARGUMENTS.get(name, [{}]), [(8, 7, 9), (8, 10), (8,)]):
        op = OPS[name](**arguments)
        try:
            op.shape(input)
        except ShapeError:
            continue
        torch.manual_seed(0)
        inner = op.module(input)
        network = nn.Sequential(nn.Linear(2, 2), inner, nn.Linear(2, 2))
        optimizer = make_optimizer(network, Recipe(optimizer="muon", weight_decay=0.0, momentum=0.0))
        convolved = {id(one.weight) for one in inner.modules() if isinstance(one, nn.Conv1d | nn.Conv2d)}
        hidden = {id(one) for group in optimizer.groups if "momentum" in group.memory for one in group.parameters}
        assert hidden == set(map(id, decayed(inner)))
        before = [weight.detach().clone() for weight in decayed(inner)]
        for weight in network.parameters():
            weight.grad = torch.randn_like(weight)
        optimizer.step(1.0)
        for weight, start in zip(decayed(inner), before, strict=True):
            assert weight.grad is not None
            shape = (1, len(weight), -1) if id(weight) in convolved else (-1, *weight.shape[-2:])
            matrices = weight.grad.view(shape)
            factor = 0.2 * math.sqrt(max(matrices.shape[-2:]))
            for matrix, moved in zip(matrices, (start - weight.detach()).view(matrices.shape), strict=True):
                torch.testing.assert_close(moved, orthogonalised(matrix) * factor, rtol=1e-3, atol=1e-4)


def test_singular_values_become_equal() -> None:
    generator = torch.Generator().manual_seed(0)
    left, right = (torch.linalg.qr(torch.randn(6, 6, generator=generator))[0] for _ in range(2))
    found = orthogonalised(left @ torch.diag(torch.tensor([1e2, 10, 5, 2, 1, 1.0])) @ right)
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.6
    assert values.max() < 1.3
    assert not orthogonalised(torch.zeros(3, 4)).any()


def test_momentum_of_a_step() -> None:
    weight = nn.Parameter(torch.eye(2))
    optimizer = Descent([weight], muon_rule(0.9))
    weight.grad = torch.eye(2)
    optimizer.step(0.1, 0.75)
    assert optimizer.state()["0.momentum.0"].tolist() == (0.25 * torch.eye(2)).tolist()


@pytest.mark.parametrize("unscaled", [True, False])
def test_a_scaler_of_gradients(unscaled: bool) -> None:
    """A step whose gradients overflow changes nothing; another is the step without a scaler."""
    weight = nn.Parameter(torch.ones(2, 2))
    factors = torch.tensor([[1.0, 2.0], [3.0, -1.0]])
    optimizer = Descent([weight], muon_rule(0.9))
    scaler = torch.amp.GradScaler("cpu", init_scale=64.0)
    for factor in (math.inf, 1.0):
        assert weight.tolist() == [[1.0, 1.0], [1.0, 1.0]]
        optimizer.zero_grad()
        torch.autograd.backward([scaler.scale((weight * factors * factor).sum())])
        if unscaled:
            scaler.unscale_(optimizer)  # type: ignore[arg-type]  # it reads `param_groups`
        scaler.step(optimizer, 0.1)  # type: ignore[arg-type]  # it calls `step`
        scaler.update()
    alone = nn.Parameter(torch.ones(2, 2))
    alone.grad = factors
    Descent([alone], muon_rule(0.9)).step(0.1)
    torch.testing.assert_close(weight, alone)


def test_the_first_and_the_last_layer_are_not_hidden() -> None:
    def names(layers: str, shape: tuple[int, ...]) -> list[str]:
        network = Network(parse_space(f"layers: [{layers}]", input=shape).rebuild({}))
        known = {id(parameter): name for name, parameter in network.named_parameters()}
        return [known[id(one)] for one in hidden(network, decayed(network))]

    assert names(
        "{conv: {width: 4}}, batch_norm, {basic_block: {width: 4}}, flatten, {linear: {units: 3}}", (2, 4, 4)
    ) == [
        "basic_block1.0.body.0.weight",
        "basic_block1.0.body.3.weight",
    ]
    text = "{embedding: {vocabulary: 9, width: 4}}, {gru: {units: 3, output: last}}, {linear: {units: 2}}"
    assert names(text, (5,)) == ["gru1.rnn.weight_ih_l0", "gru1.rnn.weight_hh_l0"]
    assert names("{linear: {units: 3}}", (2,)) == []
    assert names("{linear: {units: 3}}, relu, {linear: {units: 3}}", (2,)) == []
