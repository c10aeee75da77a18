"""Whether samples are the token numbers that a network reads."""

import numpy as np

from nas.data import Samples
from nas.errors import UsageError
from nas.ops import Flatten, Op
from nas.space import Architecture


def check_tokens(arch: Architecture, samples: Samples, part: str) -> None:
    """Nothing for an architecture that reads values.

    An embedding that is asked for a number that it does not have would end a search without saying why, and on CUDA
    spoil the whole process.

    Raises:
        UsageError: a layer reads token numbers that are not the network's input, as it is or flattened; or samples of
            `part` hold something else than integers from 0 to `arch.tokens - 1`.
    """
    if arch.tokens is None:
        return
    for name, layer in zip(arch.names, arch.layers, strict=True):
        if isinstance(layer.op, Op) and layer.op.tokens is not None and (maker := _maker(arch, layer.inputs[0])):
            raise UsageError(
                f"{name} reads token numbers, and is given what {maker} makes; it may only follow the network's input, "
                "or a flatten of it"
            )
    inputs = samples.inputs
    wrong = (inputs < 0) | (inputs >= arch.tokens) | (inputs != np.floor(inputs))
    if wrong.any():
        sample = int(wrong.reshape(len(inputs), -1).any(axis=1).argmax())
        value = inputs[sample][wrong[sample]][0]
        raise UsageError(
            f"the network reads token numbers, integers from 0 to {arch.tokens - 1}, "
            f"and sample {sample} of the {part} part holds {value:.10g}"
        )


def _maker(arch: Architecture, value: int) -> str | None:
    """The layer that made a value, flatten aside; None: the value is the network's input."""
    while value and isinstance(arch.layers[value - 1].op, Flatten):
        value = arch.layers[value - 1].inputs[0]
    return arch.names[value - 1] if value else None
