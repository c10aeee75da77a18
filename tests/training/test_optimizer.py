"""Optimizers are torch's own, bit for bit; the schedule of the learning rate, and which weights decay."""

import math
from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from nas.data import from_arrays
from nas.model import Network
from nas.space import parse_space
from nas.training import Recipe
from nas.training.optimizer import OPTIMIZERS, decayed, learning_rate, make_optimizer
from nas.training.recipe import Optimizer
from tests.training.networks import arch_of


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


def test_only_weights_decay() -> None:
    data = from_arrays(np.zeros((4, 2, 6, 6)), [0, 1, 0, 1], val=(np.zeros((2, 2, 6, 6)), [0, 1]))
    layers = "{conv: {width: 4}}, batch_norm, {group_norm: {groups: 2}}, layer_norm, {separable_conv: {width: 4}}, "
    network = Network(arch_of(layers + "flatten, layer_norm, {linear: {units: outputs}}", data))
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    expected = ["conv1.weight", "separable_conv1.0.weight", "separable_conv1.1.weight", "linear1.weight"]
    assert [names[id(parameter)] for parameter in decayed(network)] == expected
    for recipe in (Recipe(weight_decay=0.3), Recipe(weight_decay=0.3, optimizer="sgd")):
        optimizer = make_optimizer(network, recipe)
        decays = {names[id(p)]: group.decay for group in optimizer.groups for p in group.parameters}
        assert decays == {name: 0.3 if name in expected else 0.0 for name in names.values()}


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(
    "recipe",
    [Recipe(), Recipe(optimizer="sgd"), Recipe(optimizer="sgd", momentum=0.0), Recipe(weight_decay=0.0)],
    ids=["adamw", "sgd", "sgd without momentum", "without decay"],
)
def test_steps_are_those_of_torch_bit_for_bit(recipe: Recipe, memory_format: torch.memory_format) -> None:
    """With gradients that are clipped in some steps, and a layer that has none at first, with which torch's fused SGD
    fails."""

    def network() -> nn.Sequential:
        torch.manual_seed(0)
        layers = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Conv2d(5, 4, 3), nn.Linear(7, 3))
        layers.to(memory_format=memory_format)  # type: ignore[call-overload]
        return layers

    with torch.random.fork_rng():
        ours, theirs = network(), network()
        batches = torch.randn(6, 8, 3, 6, 6)
    optimizer = make_optimizer(ours, recipe)
    weights = decayed(theirs)
    rest = [one for one in theirs.parameters() if one.ndim == 1]
    groups = [{"params": weights, "weight_decay": recipe.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    reference: torch.optim.Optimizer
    if recipe.optimizer == "adamw":
        reference = torch.optim.AdamW(groups, lr=1.0, fused=True)
    else:
        momentum = recipe.momentum
        reference = torch.optim.SGD(groups, lr=1.0, momentum=momentum, nesterov=momentum > 0, fused=True)
    for step, batch in enumerate(batches):
        lr = 0.1 / (step + 1)
        for layers in (ours, theirs):
            loss = layers[:3](batch).square().sum() * 10.0 ** (step - 4)
            if step > 2 or recipe.optimizer == "sgd":
                loss = loss + layers[3](batch.flatten()[:7]).sum()
            if layers is ours:
                optimizer.zero_grad()
            else:
                reference.zero_grad()
            torch.autograd.backward([loss])
        optimizer.clip(0.5)
        nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
        optimizer.step(lr)
        for group in reference.param_groups:
            group["lr"] = lr
        reference.step()
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.equal(one, other)


def test_the_table_has_what_recipes_name() -> None:
    assert tuple(OPTIMIZERS) == get_args(Optimizer)


def test_embeddings_are_not_decayed() -> None:
    layers = "{embedding: {vocabulary: 9, width: 4, position: learned}}, {transformer_block: {heads: 2}}, "
    arch = parse_space(f"layers: [{layers} {{gru: {{units: 3, output: last}}}}]", input=(5,)).rebuild({})
    network = Network(arch)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    assert [names[id(parameter)] for parameter in decayed(network)] == [
        *(f"transformer_block1.{name}.weight" for name in ("0.qkv", "0.out", "1.up", "1.down")),
        *(f"gru1.rnn.weight_{name}_l0" for name in ("ih", "hh")),
    ]
