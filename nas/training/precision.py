"""The precision of forward passes, and whether a device supports the layers of a network in it.

In half precision, weights and their updates remain float32. So do norms: torch's autocast computes layer norm and group
norm in float32; batch norm reads half precision, but its statistics, their running means and its parameters are
float32.
"""

from contextlib import AbstractContextManager, nullcontext

import torch

from nas.errors import UsageError
from nas.ops import Op, Shape
from nas.space import Architecture
from nas.training.device import Precision

_REFUSALS: dict[tuple[str, int, torch.device, torch.dtype], str] = {}
"""Results of earlier checks in this process: why a device does not support an op, or an empty string."""


def pick_precision(precision: Precision, device: torch.device) -> torch.dtype:
    """The dtype of a precision. `auto` is bfloat16 on CUDA (float16, if the GPU lacks it), and float32 on CPUs."""
    if precision == "auto":
        precision = "float32" if device.type == "cpu" else "bfloat16"
        if precision == "bfloat16" and not torch.cuda.is_bf16_supported(including_emulation=False):
            precision = "float16"
    dtype: torch.dtype = getattr(torch, precision)
    return dtype


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[object]:
    """The context of forward passes in a precision."""
    return nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype=dtype)


def check_precision(arch: Architecture, device: torch.device, dtype: torch.dtype) -> None:
    """Checks that a device supports every layer of an architecture in a precision.

    Support for half precision depends on the processor: for example, oneDNN provides a bfloat16 LSTM only with AVX-512.
    The check therefore runs a forward and a backward pass of one layer for each op, its arguments and input rank.

    Raises:
        UsageError: the device supports a layer in float32, but not in this precision.
    """
    if dtype == torch.float32:
        return
    shapes = (arch.input, *(layer.output for layer in arch.layers))
    for name, layer in zip(arch.names, arch.layers, strict=True):
        if not isinstance(layer.op, Op):
            continue
        asked = layer.op.text, len(shapes[layer.inputs[0]]), device, dtype
        if asked not in _REFUSALS:
            _REFUSALS[asked] = _refusal(layer.op, shapes[layer.inputs[0]], device, dtype)
        if refusal := _REFUSALS[asked]:
            precision = str(dtype).removeprefix("torch.")
            raise UsageError(
                f"this {device.type} device does not support {name} ({layer.op.text}) in "
                f"{precision}; expected float32 (torch: {refusal})"
            )


def _refusal(op: Op, input: Shape, device: torch.device, dtype: torch.dtype) -> str:
    """Why the device does not support an op in this precision; empty if it does, or if float32 fails as well."""
    reason = _failure(op, input, device, dtype)
    return "" if reason and _failure(op, input, device, torch.float32) else reason


def _failure(op: Op, input: Shape, device: torch.device, dtype: torch.dtype) -> str:
    """The first sentence of the error that a forward and a backward pass raise; empty if there is none."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        try:
            module = op.module(input).to(device)
            x = torch.zeros((2, *input), device=device, requires_grad=True)
            with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
                y = module(x).float().sum()
            if y.requires_grad:
                torch.autograd.backward([y])
        except (RuntimeError, ValueError) as error:
            return str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
    return ""
