"""Conversion of arguments into NumPy arrays, refused where information would be lost."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.arguments import describe_value
from nas.errors import UsageError


def as_array(what: str, values: ArrayLike) -> NDArray[Any]:
    """Lists, or arrays of any library that NumPy can read, as a NumPy array.

    Args:
        what: the name of the values in errors, such as `train inputs`.
        values: one item per sample, along the first axis.

    Raises:
        UsageError: this is not an array; values are masked, which NumPy would replace by the data behind the mask; or
            a PyTorch tensor is on another device, is sparse, or requires grad.
    """
    masked = _masked(values)
    if masked.any():
        count, first = int(masked.sum()), int(masked.argmax())
        raise UsageError(
            f"{what}: sample {first} has a masked value ({count} of {len(masked)} have); fill such values, or leave "
            "these samples out"
        )
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise UsageError(f"{what}: expected an array, got {_unread(values, error)}") from error
    if not array.ndim:
        hint = "; .toarray() makes it dense" if hasattr(values, "toarray") else ""
        raise UsageError(f"{what}: expected an array, got {describe_value(values)}{hint}")
    return array


def _masked(values: object) -> NDArray[np.bool_]:
    """Which samples have a masked value."""
    if isinstance(values, list | tuple):
        return np.array([_holds_masked(sample) for sample in values], dtype=bool)
    if not isinstance(values, np.ma.MaskedArray) or not values.size:
        return np.zeros(0, dtype=bool)
    mask = np.ascontiguousarray(np.ma.getmaskarray(values))  # at least one-dimensional
    fields = mask.reshape(len(mask), -1).view(np.bool_)  # structured values have a mask per field
    return np.array(fields.any(axis=1), dtype=bool)


def _holds_masked(sample: object, axes: int = 4) -> bool:
    """Whether an array, or lists of arrays nested up to `axes` deep, contain a masked value."""
    if isinstance(sample, list | tuple):
        kinds = set(map(type, sample))  # lists of plain numbers are skipped quickly
        may_hold = any(issubclass(kind, (list, tuple, np.ma.MaskedArray)) for kind in kinds)
        return axes > 0 and may_hold and any(_holds_masked(item, axes - 1) for item in sample)
    return isinstance(sample, np.ma.MaskedArray) and bool(_masked(sample).any())


def _unread(values: Any, error: Exception) -> str:
    """A description of values for which NumPy raised `error`, and for PyTorch tensors the remedy."""
    tensor = values[0] if isinstance(values, list | tuple) and values else values
    if not hasattr(tensor, "requires_grad"):
        return f"{describe_value(values)}: {error}"
    device, layout, dtype = tensor.device, str(tensor.layout), str(tensor.dtype)
    found = [
        (words, step)
        for is_so, words, step in (
            (tensor.requires_grad, "that requires grad", ".detach()"),
            (layout != "torch.strided", f"of the layout {layout}", ".to_dense()"),
            (device.type != "cpu", f"on the device {device}", ".cpu()"),
            (dtype == "torch.bfloat16", f"of the type {dtype}", ".float()"),
        )
        if is_so
    ]
    if not found or device.type == "meta":  # which has no values
        return f"a tensor: {error}"
    return f"a tensor {' and '.join(words for words, _ in found)}; pass its {''.join(step for _, step in found)}"
