"""Packed networks: what can be packed, branches, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch
from torch import nn

from nas.model import Network
from nas.ops import MERGES, Add, Conv, Flatten, GlobalAvgPool, LayerNorm, Linear, Merge, Op, ReLU, Shape
from nas.ops.op import FREE
from nas.space import Architecture, Layer
from nas.training.optimizer import decayed
from nas.training.packed.network import PackedNetwork, unpackable
from tests.model.layers import chain
from tests.training.packed.copies import assert_alike, flat_of, networks_of, pack


def _branches(merge: Merge, input: Shape) -> Architecture:
    """Two layers of one input, merged, and a linear layer."""
    op: Op = Linear(4) if len(input) == 1 else Conv(4)
    shape = op.shape(input)
    merged = merge.shape([shape, shape])
    layers = [Layer(op, (0,), shape, FREE), Layer(op, (0,), shape, FREE), Layer(merge, (1, 2), merged, FREE)]
    flat = Flatten().shape(merged)
    layers += [Layer(Flatten(), (3,), flat, FREE), Layer(Linear(3), (4,), (3,), FREE)]
    return Architecture((), tuple(layers), input)


@pytest.mark.parametrize("name", MERGES)
@pytest.mark.parametrize("input", [(5,), (2, 6), (2, 4, 6)])
def test_branches(name: str, input: Shape) -> None:
    networks = networks_of(_branches(MERGES[name](), input))
    assert unpackable(networks[0]) == ""
    assert_alike(networks)


def test_outputs_are_scaled_by_each_copy() -> None:
    arch = chain((4,), Linear(2))
    networks = [Network(arch, scaling=([1.0, 2.0 + copy], [3.0, 4.0 + copy])).double() for copy in range(3)]
    assert_alike(networks)


def test_weight_decay_is_that_of_the_single_network() -> None:
    arch = flat_of((3, 6, 6), Conv(4), LayerNorm(), ReLU())
    assert arch is not None
    networks = networks_of(arch)
    packed = pack(networks)
    names = {id(parameter): name for name, parameter in packed.named_parameters()}
    assert [names[id(one)] for one in packed.decayed()] == ["conv1.weight", "linear1.weight"]
    assert len(packed.decayed()) == len(decayed(networks[0]))


def test_weights_return_to_the_networks() -> None:
    arch = flat_of((3, 6, 6), Conv(4), ReLU())
    assert arch is not None
    packed = pack(networks_of(arch))
    with torch.no_grad():
        for parameter in packed.parameters():
            parameter.add_(torch.arange(3.0).view(-1, *[1] * (parameter.dim() - 1)))
    state = packed.state_dict()
    for copy, network in enumerate(packed.unpack()):
        assert all(torch.equal(tensor, state[name][copy]) for name, tensor in network.state_dict().items())


@dataclass(frozen=True)
class _Mean(Merge):
    name: ClassVar[str] = "mean"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def combine(self, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        return torch.stack(tuple(tensors)).mean(dim=0)

    def source(self, names: Sequence[str]) -> str:
        return " + ".join(names)


def test_refusals() -> None:
    assert unpackable(Network(_branches(_Mean(), (5,)))) == "mean1 (mean) has no packed form"
    assert unpackable(Network(chain((3, 8), Conv(2)))) == "the output is not flat"
    network = Network(chain((4,), Linear(4), Linear(4)))
    network.linear2.weight.requires_grad_(False)  # type: ignore[union-attr]
    assert unpackable(network) == "parameters are frozen"
    shared = Network(chain((4,), Linear(4), Linear(4)))
    shared.linear2.weight = shared.linear1.weight  # type: ignore[union-attr]
    assert unpackable(shared) == "layers share parameters"
    own = Network(chain((4, 6), GlobalAvgPool(), Linear(3)))
    own.linear1 = nn.Bilinear(1, 1, 1)
    assert unpackable(own) == "linear1 (Bilinear) has no packed form"
    assert unpackable(Network(_branches(Add(), (5,)))) == ""


def test_one_copy() -> None:
    network = Network(chain((4,), Linear(3)))
    packed = PackedNetwork([network], [torch.Generator()])
    x = torch.randn(6, 1, 4)
    torch.testing.assert_close(packed(x), network(x[:, 0])[None])
