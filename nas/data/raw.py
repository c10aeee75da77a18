"""Inputs before their preparation."""

from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@runtime_checkable
class Raw(Protocol):
    """The inputs of some samples before their preparation, such as the columns of a table or files of images."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: NDArray[np.intp], /) -> Self:
        """The inputs of some samples, in the order of `rows`."""
        ...

    def joined(self, other: Self, /) -> Self:
        """These inputs, followed by others of the same kind."""
        ...


RawInputs = Raw | NDArray[Any]
"""Raw inputs; arrays are some as they are."""


def joined(first: RawInputs, second: RawInputs) -> RawInputs:
    """Two sets of raw inputs of the same kind as one."""
    if isinstance(first, np.ndarray):
        return np.concatenate([first, np.asarray(second)])
    return first.joined(second)  # type: ignore[arg-type]  # of the same kind
