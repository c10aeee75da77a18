"""A check that the networks of a space can be exported as plain PyTorch, before any of them is trained."""

from collections.abc import Iterable

import torch
from torch import nn

from nas.model.copied import class_sources
from nas.model.source import module_source
from nas.ops import Op
from nas.space import Architecture


def check_exportable(archs: Iterable[Architecture]) -> None:
    """Checks that a file with all layers of these architectures can be written.

    Modules are created on the meta device, without allocating memory.

    Raises:
        UsageError: `model_source` would fail for a network with these layers.
    """
    modules: dict[tuple[str, int], nn.Module] = {}  # the module of an op may depend on the rank of its input
    for arch in archs:
        shapes = (arch.input, *(layer.output for layer in arch.layers))
        for layer in arch.layers:
            input = shapes[layer.inputs[0]]
            if isinstance(layer.op, Op) and (layer.op.text, len(input)) not in modules:
                with torch.device("meta"):
                    module = modules[layer.op.text, len(input)] = layer.op.module(input)
                module_source(module)
    class_sources(nn.ModuleList(modules.values()))
