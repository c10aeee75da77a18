"""Optimizers by name, and which weights decay."""

from typing import get_args

import numpy as np
import torch
from torch import nn

from nas.data import from_arrays
from nas.model import Network
from nas.space import parse_space
from nas.training import Recipe
from nas.training.optimizer import OPTIMIZERS, decayed, make_optimizer, optimizer_of
from nas.training.recipe import Optimizer
from tests.training.networks import arch_of


def test_only_weights_decay() -> None:
    data = from_arrays(np.zeros((4, 2, 6, 6)), [0, 1, 0, 1], val=(np.zeros((2, 2, 6, 6)), [0, 1]))
    layers = "{conv: {width: 4}}, batch_norm, {group_norm: {groups: 2}}, layer_norm, {separable_conv: {width: 4}}, "
    network = Network(arch_of(layers + "flatten, layer_norm, {linear: {units: outputs}}", data))
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    expected = ["conv1.weight", "separable_conv1.0.weight", "separable_conv1.1.weight", "linear1.weight"]
    assert [names[id(parameter)] for parameter in decayed(network)] == expected
    for name in get_args(Optimizer):
        recipe = Recipe(weight_decay=0.3, optimizer=name)
        optimizer = make_optimizer(network, recipe)
        decays = {names[id(p)]: group.decay for group in optimizer.groups for p in group.parameters}
        assert decays == {name: 0.3 if name in expected else 0.0 for name in names.values()}


def test_muon_updates_hidden_weights_alone() -> None:
    layers = "{linear: {units: 4}}, relu, {linear: {units: 3}}, relu, {linear: {units: 2}}"
    network = Network(parse_space(f"layers: [{layers}]", input=(5,)).rebuild({}))
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    optimizer = make_optimizer(network, Recipe(optimizer="muon"))
    rules = {names[id(one)]: tuple(group.memory) for group in optimizer.groups for one in group.parameters}
    adamw = ("exp_avg", "exp_avg_sq", "step")
    assert rules == {name: ("momentum",) if name == "linear2.weight" else adamw for name in names.values()}


def test_parameters_that_stand_for_those_of_a_network() -> None:
    layers = "{linear: {units: 4}}, relu, {linear: {units: 3}}, relu, {linear: {units: 2}}"
    network = Network(parse_space(f"layers: [{layers}]", input=(5,)).rebuild({}))
    copies = [nn.Parameter(torch.stack([one.detach()] * 2)) for one in network.parameters()]
    own = optimizer_of(copies, network, Recipe(optimizer="muon", weight_decay=0.3), copies=True)
    places = {id(parameter): place for place, parameter in enumerate(copies)}
    found = [(sorted(places[id(one)] for one in group.parameters), group.decay) for group in own.groups]
    assert found == [([0, 4], 0.3), ([1, 3, 5], 0.0), ([2], 0.3)]


def test_a_cycled_momentum_needs_a_memory_of_it() -> None:
    network = nn.Linear(2, 1, bias=False)
    optimizer = make_optimizer(network, Recipe(optimizer="sgd", momentum=0.0, weight_decay=0.0, schedule="one_cycle"))
    network.weight.grad = torch.ones(1, 2)
    optimizer.step(0.1, 0.85)
    assert optimizer.state()["0.momentum.0"].tolist() == [[1.0, 1.0]]


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
