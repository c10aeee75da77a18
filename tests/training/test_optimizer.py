"""Optimizers by name; the schedule of the learning rate, and which weights decay."""

import math
from typing import get_args

import numpy as np
import pytest

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
