"""From an architecture to a file of plain PyTorch that needs nothing of ours.

The layers are written as PyTorch prints them, less the arguments that are at their defaults; attributes have the names
that `Network` gives them, so that the weights of a `Network` load as they are. Modules that PyTorch does not have are
copied into the file (`nas/model/copied.py`).
"""

import ast
import inspect
import re
from collections.abc import Iterator, Sequence
from itertools import chain, count
from textwrap import indent

from torch import nn

from nas.arguments import checked
from nas.errors import UsageError
from nas.model.build import Network
from nas.model.copied import arguments_of, class_sources
from nas.ops import Merge
from nas.space import Architecture
from nas.tasks import Task

_WIDTH = 88
"""Calls that are longer, and have modules in them, are broken into lines."""

_TEMPLATE = '''"""{title}

Input: (N, {input}), values as they are in the data set: the network normalises them itself.
Output: (N, {output}), {meaning}.
{params:,} parameters, {macs:,} multiply-accumulates a sample.

    model = load("model.safetensors")
    {usage}
"""

from pathlib import Path

import torch
{functional}from safetensors.torch import load_file
from torch import Tensor, nn

{names} = {outputs}


{copied}class Model(nn.Module):
    mean: Tensor
    std: Tensor
{scaling_types}
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros{moments})
        self.register_buffer("std", torch.ones{moments})
{scaling}{layers}

    def forward(self, x: Tensor) -> Tensor:
        x = (x.to(self.mean.dtype) - self.mean) / self.std  # (N, {input})
{steps}


def load(path: str | Path = "model.safetensors", device: str = "cpu") -> Model:
    """The network with the weights of a safetensors file, ready to predict."""
    model = Model().to(device)
    model.load_state_dict(load_file(path, device=device))
    return model.eval()
'''

_SCALING = """\
        self.register_buffer("output_mean", torch.zeros{shape})
        self.register_buffer("output_std", torch.ones{shape})
"""


@checked
def model_source(network: Network, *, task: Task, title: str) -> str:
    """The text of `model.py`: a class `Model` and a function `load`.

    Args:
        network: gives the architecture and the shape of its normalisation.
        task: gives the names of the outputs, and says what they mean.
        title: first line of the file's docstring.

    Raises:
        UsageError: a module cannot be written as plain PyTorch, see `module_source` and `class_sources`.
    """
    arch, names, scaling = network.arch, task.word[1].upper(), network.output_mean
    layers = [f"self.{name} = {module_source(module)}" for name, module in network.named_children()]
    copied = class_sources(network)
    return _TEMPLATE.format(
        title=title.replace("\\", "\\\\").replace('"', "'"),
        input=", ".join(map(str, arch.input)),
        output=", ".join(map(str, arch.output)),
        params=arch.params,
        macs=arch.macs,
        names=names,
        outputs=repr(task.outputs),
        meaning=task.meaning.replace("NAMES", names),
        usage=task.usage,
        scaling_types="" if scaling is None else "    output_mean: Tensor\n    output_std: Tensor\n",
        scaling="" if scaling is None else _SCALING.format(shape=f"({tuple(scaling.shape)!r})"),
        moments="(" + repr(tuple(network.mean.shape)) + ")",
        functional="import torch.nn.functional as F\n" if re.search(r"\bF\b", "".join(copied)) else "",
        copied="".join(f"{source}\n\n\n" for source in copied),
        layers=indent("\n".join(layers), " " * 8),
        steps="\n".join(f"        {line}" for line in _steps(arch, scaled=scaling is not None)),
    )


def module_source(module: nn.Module) -> str:
    """The expression that makes a module: of `torch.nn`, an `nn.Sequential` of such, or of a class with `arguments`.

    Raises:
        UsageError: the module is of no class of `torch.nn`, and does not say how it was made.
    """
    cls = type(module)
    if getattr(nn, cls.__name__, None) is not cls:
        given = [f"{name}={_value_source(cls, name, value)}" for name, value in arguments_of(module).items()]
        return _call(cls.__name__, given)
    if isinstance(module, nn.Sequential):
        return _call("nn.Sequential", [module_source(part) for part in module])
    try:
        call: ast.expr | None = ast.parse(repr(module), mode="eval").body
    except SyntaxError:  # a module with modules in it
        call = None
    if not isinstance(call, ast.Call):
        raise UsageError(f"PyTorch prints {cls.__name__} in a form that is not a call: {module!r}")
    defaults = {name: parameter.default for name, parameter in inspect.signature(cls).parameters.items()}
    printed = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    arguments = [ast.unparse(argument) for argument in call.args]
    for name in list(defaults)[len(arguments) :]:
        # Of some arguments PyTorch prints nothing (`count_include_pad`); an attribute has the value.
        if name not in printed and isinstance(value := getattr(module, name, None), bool | int | float | str):
            printed[name] = value
    for name, value in printed.items():
        if _square(value) != defaults.get(name, inspect.Parameter.empty):
            arguments.append(f"{name}={_square(value)!r}")
    return f"nn.{cls.__name__}({', '.join(arguments)})"


def _value_source(cls: type[nn.Module], name: str, value: object) -> str:
    """A module as the expression that makes it, and plain data as Python writes it."""
    if isinstance(value, nn.Module):
        return module_source(value)
    try:
        ast.literal_eval(repr(value))
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{name} of {cls.__name__} is neither plain data nor a module: {value!r}") from error
    return repr(value)


def _call(name: str, arguments: Sequence[str]) -> str:
    """A call on one line, or, where it is long, with an argument a line."""
    line = f"{name}({', '.join(arguments)})"
    if len(line) <= _WIDTH and "\n" not in line:
        return line
    return f"{name}(\n" + "".join(indent(argument, "    ") + ",\n" for argument in arguments) + ")"


def _square(value: object) -> object:
    """`(3, 3)` as 3, which PyTorch's convolutions and pools take for the same."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _steps(arch: Architecture, *, scaled: bool) -> list[str]:
    """The lines of `forward`. A variable is used again as soon as its value is not needed any more.

    Layers whose values nothing reads are left out.
    """
    read = _read(arch)
    last_use = {index: place for place, layer in enumerate(arch.layers) if place + 1 in read for index in layer.inputs}
    variables = {0: "x"}
    shapes = (arch.input, *(layer.output for layer in arch.layers))
    lines = []
    for place, (name, layer) in enumerate(zip(arch.names, arch.layers, strict=True)):
        if place + 1 not in read:
            continue
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
    result = variables.get(len(arch.layers), "x")
    lines.append(f"return {result} * self.output_std + self.output_mean" if scaled else f"return {result}")
    return lines


def _read(arch: Architecture) -> set[int]:
    """The values that the network's output is made of, the output among them."""
    read = {len(arch.layers)}
    for place in range(len(arch.layers), 0, -1):
        if place in read:
            read.update(arch.layers[place - 1].inputs)
    return read


def _variables() -> Iterator[str]:
    return chain("xyz", (f"x{number}" for number in count(1)))
