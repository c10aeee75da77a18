"""Networks as programs that PyTorch traces once, for formats without Python."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nas.data.input_spec import InputSpec
from nas.errors import UsageError
from nas.handover.inputs import random_inputs

if TYPE_CHECKING:
    from torch.export import ExportedProgram

    from nas.model import Network


def traced(network: "Network", spec: InputSpec) -> "ExportedProgram":
    """A network as a program for batches of any size (`torch.export`); other axes have the sizes of its input.

    Raises:
        UsageError: PyTorch cannot trace a layer; says which.
    """
    import torch

    sample = torch.from_numpy(random_inputs(network, spec, 2))
    with unwarned(), torch.no_grad():
        try:
            return torch.export.export(network, (sample,), dynamic_shapes=({0: torch.export.Dim("batch")},))
        except (RuntimeError, ValueError, TypeError) as error:
            raise UsageError(f"torch.export cannot trace the network{_where(network)}: {first_line(error)}") from error


def _where(network: "Network") -> str:
    """The first layer that cannot be traced by itself."""
    import torch

    arch = network.arch
    shapes = (arch.input, *(layer.output for layer in arch.layers))
    for name, layer in zip(arch.names, arch.layers, strict=True):
        module = getattr(network, name, None)
        if module is None:
            continue
        sample = torch.zeros(2, *shapes[layer.inputs[0]])
        try:
            torch.export.export(module, (sample,), dynamic_shapes=({0: torch.export.Dim("batch")},))
        except (RuntimeError, ValueError, TypeError):
            return f", because of the layer {name}"
    return ""


@contextmanager
def unwarned() -> Iterator[None]:
    """PyTorch warns of its own internals while it traces, and logs what else might be installed."""
    import logging

    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def first_line(error: BaseException) -> str:
    """The first line of an error's message that says something."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
