"""The protocol of formats."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from numpy.typing import NDArray

from nas.handover.handed import Handed


@runtime_checkable
class Format(Protocol):
    """A form in which a network is handed over. Formats have no state.

    Attributes:
        name: its name in the table of formats.
        about: what it is, in a phrase.
        requires: the packages that the files need to run.
        tolerance: the largest difference of outputs, relative to the largest output, that is rounding.
    """

    name: ClassVar[str]
    about: ClassVar[str]
    requires: ClassVar[tuple[str, ...]]
    tolerance: ClassVar[float]

    def write(self, handed: Handed, /) -> Mapping[str, bytes]:
        """The files of a network: their content, by name.

        Raises:
            UsageError: the network cannot be written in this form; says which layer and why, or which package is not
                installed.
        """
        ...

    def compute(self, folder: Path, inputs: NDArray[Any], /) -> NDArray[Any]:
        """The outputs `(N, K)` that the written files in a folder compute for prepared inputs `(N, *shape)`."""
        ...
