"""The protocol of formats."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from numpy.typing import NDArray

from nas.handover.handed import Handed


@dataclass(frozen=True)
class Written:
    """The files of a format.

    Attributes:
        files: their content, by name.
        notes: what a reader should know of them, a sentence each.
    """

    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()


@runtime_checkable
class Format(Protocol):
    """A form in which a network is handed over. Formats have no state.

    Attributes:
        name: its name in the table of formats.
        about: what it is, in a phrase.
        requires: the packages that the files need to run.
        tolerance: the largest difference of outputs, relative to the largest output, that is rounding; None: it is not
            meant to compute the same, and judges itself what it writes.
    """

    name: ClassVar[str]
    about: ClassVar[str]
    requires: ClassVar[tuple[str, ...]]
    tolerance: ClassVar[float | None]

    def write(self, handed: Handed, /) -> Written:
        """The files of a network.

        Raises:
            UsageError: the network cannot be written in this form; says which layer and why, or which package is not
                installed.
        """
        ...

    def compute(self, folder: Path, inputs: NDArray[Any], /) -> NDArray[Any]:
        """The outputs `(N, K)` that the written files in a folder compute for prepared inputs `(N, *shape)`."""
        ...
