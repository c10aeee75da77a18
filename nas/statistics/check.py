"""The checks of numeric arguments that all functions of this package share."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.errors import UsageError

DIGITS = 12
"""Significant digits, relative to the largest value of a sample; values that agree in them are ties."""


def finite(values: ArrayLike, what: str, *dimensions: int) -> NDArray[np.float64]:
    """The values as an array of float64.

    Args:
        values: numbers.
        what: the name of the values in errors.
        dimensions: the permitted numbers of dimensions; none given: any.

    Raises:
        UsageError: another number of dimensions, no values, a NaN or an infinity.
    """
    array = np.asarray(values, dtype=np.float64)
    if dimensions and array.ndim not in dimensions:
        expected = " or ".join(map(str, dimensions))
        raise UsageError(f"{what}: expected an array of {expected} dimensions, got shape {array.shape}")
    if not array.size:
        raise UsageError(f"{what}: there are no values (shape {array.shape})")
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        place = tuple(map(int, wrong[0]))
        raise UsageError(f"{what}: {len(wrong)} of {array.size} values are not finite, the first at {place}")
    return array


def paired(first: ArrayLike, second: ArrayLike, *dimensions: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two arrays of one shape. Raises UsageError as `finite`, and if the shapes differ."""
    one, other = finite(first, "first", *dimensions), finite(second, "second", *dimensions)
    if one.shape != other.shape:
        raise UsageError(f"the values do not pair up: first has shape {one.shape}, second {other.shape}")
    return one, other


def fraction(value: float, what: str) -> float:
    """A level or a power. Raises UsageError unless 0 < value < 1."""
    if not 0 < value < 1:
        raise UsageError(f"{what}: expected a number between 0 and 1, got {value}")
    return value


def settled(values: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """The values in units of `scale`, rounded so that values that differ only by floating-point error are equal."""
    return np.round(values / scale, DIGITS) if scale > 0 else np.zeros_like(values)


def differences(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """`first - second`, shape `(seeds,)`, without floating-point error: it neither makes differences nor breaks ties.

    Raises:
        UsageError: the two do not pair up, or are not finite.
    """
    one, other = paired(first, second, 1)
    scale = float(max(np.abs(one).max(), np.abs(other).max()))
    return settled(one - other, scale) * scale
