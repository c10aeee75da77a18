"""Arrays that are inputs as they are."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from nas.arguments import Positive, checked
from nas.arrays import as_array
from nas.data.input_spec import InputSpec
from nas.errors import UsageError
from nas.modality import Modality


@checked
@dataclass(frozen=True)
class Arrays:
    """Checks that arrays are samples like those of a data set, and changes nothing but their type.

    Attributes:
        modality: what the samples are taken for.
        shape: of one sample, channels first.
        dtype: of the training samples.
    """

    name: ClassVar[str] = "arrays"

    modality: Modality
    shape: tuple[Positive, ...]
    dtype: Literal["uint8", "float32"]

    @property
    def input(self) -> InputSpec:
        """Samples of `shape`."""
        return InputSpec(self.modality, self.shape)

    @property
    def fits(self) -> bool:
        """False: nothing is fitted."""
        return False

    def __call__(self, raw: Any, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """The samples, `(N, *shape)`: uint8 if the training samples are, else float32.

        Raises:
            UsageError: the samples have another shape, a value is not finite, or not from 0 to 255 where the training
                samples are uint8.
        """
        found = checked_samples(as_array("inputs", raw), self.shape, self.dtype)
        if out is None:
            return found
        out[...] = found
        return out

    def refitted(self, raw: Any) -> Self:
        """The same preparation."""
        return self

    @property
    def note(self) -> str:
        """Empty: nothing is done with the samples."""
        return ""


def checked_samples(found: NDArray[Any], shape: tuple[int, ...], dtype: Literal["uint8", "float32"]) -> NDArray[Any]:
    """Arrays `(N, *shape)` in the type of the training samples, with the errors of `Arrays`."""
    if found.shape[1:] != shape:
        raise UsageError(f"inputs: expected samples of shape {shape}, got {found.shape[1:]}")
    if found.dtype.kind not in "biuf":
        raise UsageError(f"inputs: expected numbers, got {found.dtype}")
    if found.dtype == dtype and dtype == "uint8":
        return found
    with np.errstate(over="ignore"):  # values out of range become infinite
        values = found.astype(np.float32)
    rows = values.reshape(len(values), -1)
    if dtype == "float32":
        if len(bad := np.flatnonzero(~np.isfinite(rows).all(axis=1))):
            raise UsageError(f"inputs: {_which(bad, rows)} has a value that is not finite")
        return values
    fine = (rows >= 0) & (rows <= 255) & (rows == np.trunc(rows))
    if len(bad := np.flatnonzero(~fine.all(axis=1))):
        value = rows[bad[0]][~fine[bad[0]]][0]
        raise UsageError(
            f"inputs: {_which(bad, rows)} has the value {value:.6g}; the training samples are uint8, whole numbers "
            f"from 0 to 255"
        )
    return values.astype(np.uint8)


def _which(bad: NDArray[np.intp], rows: NDArray[Any]) -> str:
    """The first of the samples that are meant, by its place; a single one is named by the caller."""
    return "it" if len(rows) == 1 else f"sample {bad[0]}"
