"""The targets of a regression: one or several numbers per sample."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.arrays import as_array
from nas.errors import UsageError


def is_fractional(targets: NDArray[Any]) -> bool:
    """Whether some of the numbers are not integral, so that they cannot be class labels."""
    return targets.dtype.kind == "f" and bool((np.isfinite(targets) & (targets != np.trunc(targets))).any())


def read_values(part: str, values: ArrayLike, samples: int) -> NDArray[np.float32]:
    """The targets of a part with this number of samples, `(N, K)`.

    Raises:
        UsageError: these are not finite numbers, or not one row per sample.
    """
    what = f"{part} targets"
    array = as_array(what, values)
    if array.dtype.kind not in "biuf":
        shown = f"texts such as {array.flat[0].item()!r}" if array.dtype.kind == "U" and array.size else array.dtype
        raise UsageError(f"{what}: expected numbers, got {shown}")
    if array.ndim not in (1, 2) or len(array) != samples or not array.size:
        raise UsageError(f"{what}: expected shape ({samples},) or ({samples}, K), got {array.shape}")
    with np.errstate(over="ignore"):  # values out of range become infinite, and are reported below
        read = array.reshape(samples, -1).astype(np.float32)
    bad = np.flatnonzero(~np.isfinite(read).all(axis=1))
    if len(bad):
        found = array.reshape(samples, -1)[bad[0]].tolist()
        shown = found[0] if len(found) == 1 else found
        raise UsageError(f"{what}: sample {bad[0]} has the target {shown}, expected finite numbers of float32")
    return read
