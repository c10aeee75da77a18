"""Raw inputs without targets, by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.data.raw import RawInputs


@dataclass(frozen=True, eq=False)
class Named:
    """Raw inputs of samples without targets.

    Attributes:
        names: the name of each sample: a path, a line or a row.
        raw: their raw inputs, as the preparation takes them.
        notes: what a reader should know of how they were read, a sentence each.
    """

    names: Sequence[str]
    raw: RawInputs
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)
