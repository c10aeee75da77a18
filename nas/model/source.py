"""Export of an architecture as a file of plain PyTorch that does not depend on Archwright.

Layers are written as PyTorch prints them, without arguments at their defaults. Attributes have the same names as in
`Network`, so its weights can be loaded. Modules that are not part of PyTorch are copied into the file
(`nas/model/copied.py`). `augment` is left out: it changes nothing outside of a training.
"""

import ast
import inspect
import re
from collections.abc import Iterator, Sequence
from itertools import chain, count
from textwrap import indent, wrap

from torch import nn

from nas.arguments import checked
from nas.errors import UsageError
from nas.model.build import Network
from nas.model.copied import arguments_of, class_sources
from nas.model.template import SCALING, TEMPLATE, TOKENS
from nas.ops import Augment, Merge, Shape
from nas.space import Architecture
from nas.tasks import Task

_WIDTH = 88
"""Longer calls that contain modules are split into several lines."""


@checked
def model_source(network: Network, *, task: Task, title: str, about: Sequence[str] = ()) -> str:
    """The content of `model.py`: a class `Model` and a function `load`.

    Args:
        network: the network; its architecture and the shape of its normalisation are used.
        task: provides the names of the outputs and their meaning.
        title: first line of the docstring of the file.
        about: further lines of it: how the network was found, what it reaches, how its inputs are prepared.

    Raises:
        UsageError: a module cannot be written as plain PyTorch, see `module_source` and `class_sources`.
    """
    arch, names, scaling = network.arch, task.word[1].upper(), network.output_mean
    unwritten = {name for name, layer in zip(arch.names, arch.layers, strict=True) if isinstance(layer.op, Augment)}
    modules = [(name, module) for name, module in network.named_children() if name not in unwritten]
    layers = [f"self.{name} = {module_source(module)}" for name, module in modules]
    copied = class_sources(network)
    return TEMPLATE.format(
        title=_quoted(title),
        about="".join(f"{line}\n" for one in about for line in wrap(_quoted(one), _WIDTH)) + ("\n" if about else ""),
        input=", ".join(map(str, arch.input)),
        output=", ".join(map(str, arch.output)),
        params=arch.params,
        macs=arch.macs,
        names=names,
        outputs=_tuple(task.outputs, len(names)),
        constants="".join(f"\n{name.upper()} = {_tuple(value, len(name))}" for name, value in task.tuning.items()),
        meaning=task.meaning.replace("NAMES", names),
        shapes=repr(shapes_of(arch.input)),
        tokens="" if arch.tokens is None else TOKENS.format(tokens=arch.tokens, last=arch.tokens - 1),
        usage=", ".join(task.predicted),
        returns=task.predicted_types,
        prediction=task.prediction.replace("NAMES", names),
        predicting=indent("\n".join(line.replace("NAMES", names) for line in task.predicting), " " * 8),
        scaling_types="" if scaling is None else "    output_mean: Tensor\n    output_std: Tensor\n",
        scaling="" if scaling is None else SCALING.format(shape=f"({tuple(scaling.shape)!r})"),
        moments="(" + repr(tuple(network.mean.shape)) + ")",
        functional="import torch.nn.functional as F\n" if re.search(r"\bF\b", "".join(copied)) else "",
        copied="".join(f"{source}\n\n\n" for source in copied),
        layers=indent("\n".join(layers), " " * 8),
        steps="\n".join(f"        {line}" for line in _steps(arch, scaled=scaling is not None)),
    )


def shapes_of(sample: Shape) -> tuple[Shape, ...]:
    """The shapes in which a sample may come: channels first, channels last, and without the axis of a single one."""
    if len(sample) == 1:
        return (sample,)
    channels, *sizes = sample
    without = [tuple(sizes)] if channels == 1 else []
    return tuple(dict.fromkeys([sample, (*sizes, channels), *without]))


def _tuple(values: Sequence[object], before: int) -> str:
    """A tuple of plain values, after `before` characters and ` = `, as formatters write it."""
    shown = [_plain(value) for value in values]
    line = f"({', '.join(shown)}{',' * (len(shown) == 1)})"
    if before + len(" = ") + len(line) <= _WIDTH:
        return line
    return "(\n" + "".join(f"    {value},\n" for value in shown) + ")"


def _string(text: str) -> str:
    """A string in double quotes, unless it has some and no single ones."""
    shown = repr(text)
    if shown[0] == '"' or '"' in text:
        return shown
    return f'"{shown[1:-1]}"'


def _quoted(text: str) -> str:
    """Text for a docstring."""
    return text.replace("\\", "\\\\").replace('"', "'")


def module_source(module: nn.Module) -> str:
    """The expression that creates a module: a class of `torch.nn`, an `nn.Sequential`, or a class with `arguments`.

    Raises:
        UsageError: the class is not part of `torch.nn` and does not record its arguments.
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
        # PyTorch omits some arguments (`count_include_pad`); their values are attributes.
        if name not in printed and isinstance(value := getattr(module, name, None), bool | int | float | str):
            printed[name] = value
    for name, value in printed.items():
        if _square(value) != defaults.get(name, inspect.Parameter.empty):
            arguments.append(f"{name}={_square(value)!r}")
    return f"nn.{cls.__name__}({', '.join(arguments)})"


def _value_source(cls: type[nn.Module], name: str, value: object) -> str:
    """An argument as an expression: a module, or plain data."""
    if isinstance(value, nn.Module):
        return module_source(value)
    try:
        ast.literal_eval(repr(value))
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{name} of {cls.__name__} is neither plain data nor a module: {value!r}") from error
    return _plain(value)


def _plain(value: object) -> str:
    """Plain data as formatters write it."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list | tuple) and value:
        inner = ", ".join(map(_plain, value)) + "," * (isinstance(value, tuple) and len(value) == 1)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    return repr(value)


def _call(name: str, arguments: Sequence[str]) -> str:
    """A call on one line, or with one argument per line if it is long."""
    line = f"{name}({', '.join(arguments)})"
    if len(line) <= _WIDTH and "\n" not in line:
        return line
    return f"{name}(\n" + "".join(indent(argument, "    ") + ",\n" for argument in arguments) + ")"


def _square(value: object) -> object:
    """`(3, 3)` as 3, which is equivalent for PyTorch's convolutions and pools."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _steps(arch: Architecture, *, scaled: bool) -> list[str]:
    """The lines of `forward`. A variable is reused as soon as its value is no longer needed.

    Layers whose outputs are not used are omitted, and so is `augment`, which belongs to the training.
    """
    read = _read(arch)
    last_use = {index: place for place, layer in enumerate(arch.layers) if place + 1 in read for index in layer.inputs}
    variables = {0: "x"}
    shapes = (arch.input, *(layer.output for layer in arch.layers))
    lines = []
    for place, (name, layer) in enumerate(zip(arch.names, arch.layers, strict=True)):
        if place + 1 not in read:
            continue
        if isinstance(layer.op, Augment):
            (index,) = layer.inputs
            variables[place + 1] = variables[index] if last_use[index] > place else variables.pop(index)
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
    """The indices of the values on which the network's output depends, including the output."""
    read = {len(arch.layers)}
    for place in range(len(arch.layers), 0, -1):
        if place in read:
            read.update(arch.layers[place - 1].inputs)
    return read


def _variables() -> Iterator[str]:
    return chain("xyz", (f"x{number}" for number in count(1)))
