"""From an architecture to a file of plain PyTorch that needs nothing of ours.

The layers are written as PyTorch prints them, less the arguments that are at their defaults; attributes have the names
that `Network` gives them, so that the weights of a `Network` load as they are.
"""

import ast
import inspect
from collections.abc import Sequence

from torch import nn

from nas.model.build import Network
from nas.ops import Merge, Shape
from nas.space import Architecture

_TEMPLATE = '''"""{title}

Input: (N, {input}), values as they are in the data set: the network normalises them itself.
Output: (N, {output}), one logit for each of CLASSES.
{params:,} parameters, {macs:,} multiply-accumulates a sample.

    model = load("model.safetensors")
    model(samples).argmax(dim=1)
"""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

CLASSES = {classes}


class Model(nn.Module):
    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros{moments})
        self.register_buffer("std", torch.ones{moments})
{layers}

    def forward(self, x: Tensor) -> Tensor:
        x = (x.to(self.mean.dtype) - self.mean) / self.std  # (N, {input})
{steps}


def load(path: str | Path = "model.safetensors", device: str = "cpu") -> Model:
    """The network with the weights of a safetensors file, ready to predict."""
    model = Model().to(device)
    model.load_state_dict(load_file(path, device=device))
    return model.eval()
'''


def model_source(network: Network, *, classes: Sequence[str], title: str) -> str:
    """The text of `model.py`: a class `Model` and a function `load`.

    Args:
        network: gives the architecture and the shape of its normalisation.
        classes: names of the classes, in the order of the logits.
        title: first line of the file's docstring.
    """
    arch = network.arch
    return _TEMPLATE.format(
        title=title.replace("\\", "\\\\").replace('"', "'"),
        input=", ".join(map(str, arch.input)),
        output=", ".join(map(str, arch.output)),
        params=arch.params,
        macs=arch.macs,
        classes=repr(tuple(classes)),
        moments="(" + repr(tuple(network.mean.shape)) + ")",
        layers="\n".join(f"        self.{name} = {module_source(module)}" for name, module in network.named_children()),
        steps="\n".join(f"        {line}" for line in _steps(arch)),
    )


def module_source(module: nn.Module) -> str:
    """The expression that makes a module of `torch.nn`, or an `nn.Sequential` of such.

    Raises:
        TypeError: the module is of no class of `torch.nn`.
    """
    cls = type(module)
    if getattr(nn, cls.__name__, None) is not cls:
        raise TypeError(f"{cls.__name__} is no class of torch.nn, so it cannot be written as plain PyTorch")
    if isinstance(module, nn.Sequential):
        return f"nn.Sequential({', '.join(map(module_source, module))})"
    try:
        call: ast.expr | None = ast.parse(repr(module), mode="eval").body
    except SyntaxError:  # a module with modules in it
        call = None
    if not isinstance(call, ast.Call):
        raise TypeError(f"PyTorch prints {cls.__name__} in a form that is not a call: {module!r}")
    defaults = {name: parameter.default for name, parameter in inspect.signature(cls).parameters.items()}
    arguments = [ast.unparse(argument) for argument in call.args]
    for keyword in call.keywords:
        name, value = str(keyword.arg), _square(ast.literal_eval(keyword.value))
        if value != defaults.get(name, inspect.Parameter.empty):
            arguments.append(f"{name}={value!r}")
    return f"nn.{cls.__name__}({', '.join(arguments)})"


def _square(value: object) -> object:
    """`(3, 3)` as 3, which PyTorch's convolutions and pools take for the same."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _steps(arch: Architecture) -> list[str]:
    """The lines of `forward`. A variable is used again as soon as its value is not needed any more."""
    last_use = {index: place for place, layer in enumerate(arch.layers) for index in layer.inputs}
    variables = {0: "x"}
    shapes: list[Shape] = [arch.input]
    lines = []
    for place, (name, layer) in enumerate(zip(arch.names, arch.layers, strict=True)):
        inputs = [variables[index] for index in layer.inputs]
        expression = layer.op.source(inputs) if isinstance(layer.op, Merge) else f"self.{name}({inputs[0]})"
        for index in layer.inputs:
            if last_use[index] == place:
                variables.pop(index, None)
        variable = next(v for v in _variables() if v not in variables.values())
        variables[place + 1] = variable
        changed = layer.output != shapes[layer.inputs[0]]
        shape = ", ".join(map(str, layer.output)) + ("," if not layer.output else "")
        lines.append(f"{variable} = {expression}" + (f"  # (N, {shape})" if changed else ""))
        shapes.append(layer.output)
    lines.append(f"return {variables.get(len(arch.layers), 'x')}")
    return lines


def _variables() -> list[str]:
    return ["x", "y", "z", *(f"x{number}" for number in range(1, 1000))]
