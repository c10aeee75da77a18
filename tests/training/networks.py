"""Networks for the tests of trainings."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from nas.data import Dataset
from nas.ops import Cost, Op, Shape
from nas.ops.op import FREE
from nas.space import Architecture, Layer, parse_space
from nas.training.fit import Fitted

MLP = "{linear: {units: 16}}, relu, {dropout: {p: 0.1}}, {linear: {units: outputs}}"


def arch_of(layers: str, data: Dataset) -> Architecture:
    outputs = len(data.outputs) if "outputs" in layers else None
    return parse_space(f"layers: [{layers}]", input=data.shape, outputs=outputs).rebuild({})


def weights_of(fitted: Fitted) -> Tensor:
    return torch.cat([value.flatten().double() for value in fitted.network.state_dict().values()])


def random_states() -> list[str]:
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
