"""Validation of token indices: whether samples are valid inputs of embeddings."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data import Samples
from nas.errors import UsageError
from nas.ops import Augment, Flatten, Op
from nas.space import Architecture


def check_tokens(arch: Architecture, samples: Samples, part: str) -> None:
    """Checks the inputs of an architecture with embeddings.

    An embedding with an index out of range would end the search with an obscure error, and on CUDA leave the process
    unusable.

    Raises:
        UsageError: an embedding reads something other than the network's input, possibly augmented or flattened; or
            samples of `part` contain values other than integers in [0, `arch.tokens`).
    """
    if arch.tokens is None:
        return
    for name, layer in zip(arch.names, arch.layers, strict=True):
        if isinstance(layer.op, Op) and layer.op.tokens is not None and (maker := _maker(arch, layer.inputs[0])):
            raise UsageError(
                f"{name} reads token indices, but its input is the output of {maker}; it must follow the network's "
                "input, or a flatten of it"
            )
    check_token_values(arch.tokens, samples.inputs, part)


def check_token_values(tokens: int | None, inputs: NDArray[Any], part: str | None = None) -> None:
    """Raises UsageError if inputs are not integers in [0, `tokens`).

    Args:
        tokens: of the network; None: inputs are no tokens.
        inputs: `(N, *shape)`.
        part: of the data set; None: the error says of which sample it is only by its value.
    """
    if tokens is None:
        return
    wrong = (inputs < 0) | (inputs >= tokens) | (inputs != np.floor(inputs))
    if wrong.any():
        sample = int(wrong.reshape(len(inputs), -1).any(axis=1).argmax())
        value = inputs[sample][wrong[sample]][0]
        where = "one" if part is None else f"sample {sample} of the {part} part"
        verb = "is" if part is None else "contains"
        raise UsageError(
            f"the network reads token indices, integers from 0 to {tokens - 1}, but {where} {verb} {value:.10g}"
        )


def _maker(arch: Architecture, value: int) -> str | None:
    """The layer that computes a value, ignoring flatten and augment; None: the value is the network's input."""
    while value and isinstance(arch.layers[value - 1].op, Flatten | Augment):
        value = arch.layers[value - 1].inputs[0]
    return arch.names[value - 1] if value else None
