"""Networks with every op of a rank, side by side on one input, so that one export covers them all."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from nas.data.intake import Intake
from nas.data.preparation.arrays import Arrays
from nas.data.preparation.texts import Texts
from nas.data.preparation.tokens import FIRST, Words
from nas.data.reading.form import FileForm
from nas.errors import ShapeError
from nas.handover.handed import Handed
from nas.handover.inputs import random_inputs
from nas.model import Network
from nas.ops import OPS, Add, Flatten, Linear, Op, Shape
from nas.ops.op import FREE
from nas.prediction.predictor import Predictor
from nas.space import Architecture, Layer
from nas.tasks import Classification, Regression, Task
from tests.model.layers import ARGUMENTS, chain

INPUTS: Mapping[str, Shape] = MappingProxyType(
    {"image": (8, 7, 9), "sequence": (8, 3), "waveform": (1, 64), "flat": (8,), "tokens": (8,)}
)
"""Shapes of inputs that together suit every op."""

OF_ONE_KIND = {
    "log_mel": "waveform",
    **dict.fromkeys(("embedding", "embed_categories", "embed_numbers", "ngram_embedding"), "tokens"),
}
"""Ops that are tried on inputs of one kind."""


def every_op(kind: str) -> Architecture:
    """The sum of a linear layer after each op of this kind of inputs.

    Programs are slow to trace, and `tests/model/test_source.py` tries all arguments.
    """
    shape = INPUTS[kind]
    layers: list[Layer] = []
    ends: list[int] = []
    for op in _of_kinds()[kind]:
        layers.append(Layer(op, (0,), op.shape(shape), op.cost(shape)))
        for last in (*([Flatten()] if len(layers[-1].output) > 1 else []), Linear(3)):
            before = layers[-1].output
            layers.append(Layer(last, (len(layers),), last.shape(before), last.cost(before)))
        ends.append(len(layers))
    layers.append(Layer(Add(), tuple(ends), (3,), FREE))
    return Architecture((), tuple(layers), shape)


@cache
def _of_kinds() -> Mapping[str, Sequence[Op]]:
    """The ops that fit inputs of a kind, with the last of their arguments that do. Where an earlier kind has an op of
    the same types of modules, such as ReLU, it is not taken again: formats translate a module by its type."""
    found: dict[str, list[Op]] = {kind: [] for kind in INPUTS}
    there: set[tuple[str, frozenset[type]]] = set()
    for kind, shape in INPUTS.items():
        for name in OPS:
            if OF_ONE_KIND.get(name, kind) != kind or (kind in OF_ONE_KIND.values()) > (name in OF_ONE_KIND):
                continue
            op = _last_that_fits(name, shape)
            if op is None:
                continue
            types = name, frozenset(type(module) for module in op.module(shape).modules())
            if types not in there:
                found[kind].append(op)
            there.add(types)
    return found


def _last_that_fits(name: str, shape: Shape) -> Op | None:
    """An op with the last of its arguments that fit a shape."""
    for arguments in reversed(ARGUMENTS.get(name, [{}])):
        op = OPS[name](**arguments)
        try:
            op.shape(shape)
        except ShapeError:
            continue
        return op
    return None


def ops_of(arch: Architecture) -> set[str]:
    """The names of the ops of an architecture."""
    return {layer.op.name for layer in arch.layers}


def handed_network(arch: Architecture, task: Task | None = None) -> Handed:
    """A network with random weights and running statistics, as it is handed over."""
    task = task or Classification(("a", "b", "c"))
    tokens = arch.tokens
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = Network(arch, mean=np.full(arch.input[:1] + (1,) * (len(arch.input) - 1), 0.5), scaling=task.scaling)
        with torch.no_grad():
            for name, value in network.named_buffers():
                if name.endswith("running_var"):
                    value.uniform_(0.5, 2.0)
    words = Words(lower=True, least=1, known=tuple(f"word{number}" for number in range((tokens or FIRST) - FIRST)))
    texts = Texts(words, words.size, arch.input[-1], "right", 0.0)
    intake = Intake("made", texts if tokens else Arrays("series", arch.input, "float32"), FileForm())
    return Handed(Path("nowhere"), Predictor(network.eval(), intake, task), {})


@cache
def wide_network() -> Handed:
    """A regression that gains from int8: its layers are wide."""
    task = Regression(("x", "y", "z"), (0.0,) * 3, (1.0,) * 3)
    return handed_network(chain((16,), Linear(64), OPS["relu"](), Linear(3)), task)


def inputs_for(handed: Handed, count: int) -> NDArray[np.float32]:
    """Random inputs of the network's kind."""
    return random_inputs(handed.network, handed.predictor.intake.preparation.input, count)
