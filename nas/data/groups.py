"""Groups of samples, such as the recordings of one speaker, of which all belong on one side of a split."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.arrays import as_array
from nas.errors import UsageError


def read_groups(
    train: ArrayLike | None, val: ArrayLike | None, samples: int, val_samples: int | None
) -> NDArray[np.int64] | None:
    """The group of each training sample, then of each validation sample, numbered from 0; None: there are no groups.

    Args:
        train: integers or strings; None: there are no groups.
        val: those of the validation part.
        samples: how many training samples there are.
        val_samples: how many validation samples; None: there is no validation part yet.

    Raises:
        UsageError: only one of two parts has groups, or they are not one integer or string for each sample.
    """
    if train is None:
        if val is not None:
            raise UsageError("val_groups: the training samples have no groups")
        return None
    if val is None and val_samples is not None:
        raise UsageError("val_groups: expected the groups of the validation samples, as the training samples have some")
    if val is not None and val_samples is None:
        raise UsageError("val_groups: there are no validation samples")
    parts = [_part("train", train, samples)]
    if val is not None and val_samples is not None:
        parts.append(_part("val", val, val_samples))
        if (parts[0].dtype.kind in "US") != (parts[1].dtype.kind in "US"):
            raise UsageError(f"val groups: expected {parts[0].dtype}, as in train, got {parts[1].dtype}")
    _, places = np.unique(np.concatenate(parts), return_inverse=True)
    return places.astype(np.int64)


def _part(part: str, given: ArrayLike, samples: int) -> NDArray[Any]:
    array = as_array(f"{part} groups", given)
    if array.dtype.kind == "O" and all(isinstance(group, str) for group in array.flat):
        array = array.astype(str)  # as pandas has strings
    if array.shape != (samples,):
        raise UsageError(f"{part} groups: expected one for each of the {samples} samples, got shape {array.shape}")
    if array.dtype.kind not in "biuUS":
        raise UsageError(f"{part} groups: expected integers or strings, got {array.dtype}")
    return array
