"""Raw inputs without targets, by name."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.data.raw import RawInputs, joined


@dataclass(frozen=True, eq=False)
class Named:
    """Raw inputs of samples without targets.

    Attributes:
        names: the name of each sample: a path, a line or a row.
        raw: their raw inputs, as the preparation takes them.
    """

    names: Sequence[str]
    raw: RawInputs

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, rows: NDArray[np.intp]) -> "Named":
        return Named([self.names[row] for row in rows], self.raw[rows])

    def joined(self, other: "Named") -> "Named":
        """These samples, followed by others of the same kind."""
        return Named([*self.names, *other.names], joined(self.raw, other.raw))
