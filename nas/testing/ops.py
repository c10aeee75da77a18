"""The contract of ops."""

import dataclasses
import math
from typing import Any

from nas.document import parse_document
from nas.errors import ShapeError, SpecError
from nas.ops import Op, Shape
from nas.ops.op import FREE
from nas.testing.requirement import require

PROBES: tuple[Shape, ...] = ((1,), (7,), (4, 9), (4, 7, 6), (8, 1), (8, 1, 1))
"""Shapes that `check_op` tries in addition to its `inputs`. An op accepts each, or raises a ShapeError."""


def check_op(op: Op, *inputs: Shape) -> None:
    """Checks the arithmetic of an op against its module, on torch's meta device, which allocates no memory.

    For each shape of `inputs` (without the batch dimension; at least one must fit) and of PROBES:

    * `shape` and `cost` agree with the module: the output shape for a batch of 2, the number of trainable parameters,
      and the MACs per sample, which are half of the FLOPs that `torch.utils.flop_counter` counts.
    * Training with a batch of one sample fails if and only if `needs_batch` returns True.
    * An op that claims to be the identity on this shape returns its input and costs nothing.
    * A shape that does not fit raises a ShapeError with a message, and no other exception.

    The op itself is frozen and hashable, and `text` contains all its arguments.

    Raises:
        AssertionError: the op violates one of these; says which.
    """
    _check_record(op)
    fitting = 0
    for input in (*inputs, *PROBES):
        try:
            output = op.shape(input)
        except ShapeError as error:
            require(str(error) != "", f"{op.text} refuses {input} without saying why")
            continue
        except Exception as error:
            raise AssertionError(f"{op.text} refuses {input} with {error!r}, expected a ShapeError") from error
        fitting += input in inputs
        _check_arithmetic(op, input, output)
    require(fitting > 0 or not inputs, f"{op.text} fits none of {', '.join(map(str, inputs))}")


def _check_arithmetic(op: Op, input: Shape, output: Shape) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    batch = 2
    cost = op.cost(input)
    with torch.device("meta"):
        module = op.module(input)
        x = torch.zeros((batch, *input))
    params = sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
    require(cost.params == params, f"{op.text} on {input}: cost says {cost.params} parameters, the module has {params}")
    for training in (True, False):
        module.train(training)
        try:
            with FlopCounterMode(display=False) as counter:
                y = module(x)
        except Exception as error:
            raise AssertionError(f"{op.text} accepts {input}, and its module fails on it: {error!r}") from error
        require(isinstance(y, torch.Tensor), f"{op.text}: the module gives {type(y).__name__}, expected a tensor")
        require(
            tuple(y.shape) == (batch, *output), f"{op.text} on {input}: shape says {output}, got {tuple(y.shape)[1:]}"
        )
        macs = counter.get_total_flops() / 2 / batch
        require(cost.macs == macs, f"{op.text} on {input}: cost says {cost.macs} MACs, the module has {macs:g}")
    needs = op.needs_batch(input)
    try:
        module.train()(x[:1])
    except Exception as error:
        if not needs:
            text = f"{op.text} on {input} cannot be trained with one sample, and needs_batch does not say so"
            raise AssertionError(f"{text}: {error!r}") from error
    else:
        require(not needs, f"{op.text} on {input} can be trained with one sample, and needs_batch says that it cannot")
    if op.is_identity(input):
        require(cost == FREE, f"{op.text} says it is the identity on {input}, and costs {cost}")
        x = torch.linspace(-1, 1, batch * math.prod(input)).reshape(batch, *input)
        for training in (True, False):
            same = torch.equal(op.module(input).train(training)(x), x)
            require(same, f"{op.text} says it is the identity on {input}, and its module changes what it is given")


def _check_record(op: Op) -> None:
    """Checks that the op is frozen, hashable, equal to a copy of itself, and identified by its text."""
    cls = type(op)
    require(dataclasses.is_dataclass(op), f"{cls.__name__} is not a dataclass")
    names = [field.name for field in dataclasses.fields(op)]
    for name in names:
        try:
            setattr(op, name, getattr(op, name))
        except dataclasses.FrozenInstanceError:
            continue
        raise AssertionError(f"{cls.__name__} is not frozen: its {name} can be set")
    copy = cls(**{name: getattr(op, name) for name in names})
    try:
        same = hash(copy) == hash(op)
    except TypeError as error:
        raise AssertionError(f"{op.text} cannot be hashed: {error}") from error
    require(copy == op and same, f"{op.text} is not equal to an op with the same arguments")
    read = _read_text(op)
    require(read == op, f"{op.text!r} reads as {read!r}, expected {op!r}")


def _read_text(op: Op) -> Op:
    """The op that `op.text` describes: `name`, or `name(key=value, ...)` with values as in YAML."""
    name, _, rest = op.text.partition("(")
    require(name == op.name, f"the text of {op.name} begins with {name!r}")
    require(not rest or rest.endswith(")"), f"{op.text!r} has no closing bracket")
    arguments: dict[str, Any] = {}
    try:
        for part in filter(None, rest.removesuffix(")").split(", ")):
            key, _, value = part.partition("=")
            arguments[key] = None if value == "None" else parse_document(value).plain()
        return type(op)(**arguments)
    except (TypeError, SpecError) as error:
        raise AssertionError(f"{op.text!r} cannot be read back: {error}") from error
