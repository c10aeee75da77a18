"""The protocol of formats."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

from nas.data.intake import Intake
from nas.handover.handed import Handed


@runtime_checkable
class Verdict(Protocol):
    """What was found of the files of a format, which may be handed over."""

    @property
    def text(self) -> str:
        """In a phrase, with its figures."""
        ...


@runtime_checkable
class Format(Protocol):
    """A form in which a network is handed over. Formats have no state.

    Attributes:
        name: its name in the table of formats.
        about: what it is, in a phrase.
    """

    name: ClassVar[str]
    about: ClassVar[str]

    def write(self, handed: Handed, /) -> Mapping[str, bytes]:
        """The files of a network: their content, by name. Files of one name are equal in all formats.

        Raises:
            UsageError: the network cannot be written in this form; says which layer and why, or which package is not
                installed.
        """
        ...

    def requires(self, intake: Intake, /) -> Sequence[str]:
        """The packages that the files need to run, with a lowest version where it is not that of Archwright.

        Args:
            intake: how inputs of the network are prepared.
        """
        ...

    def check(self, handed: Handed, folder: Path, /) -> Verdict:
        """What the written files in a folder are found to do.

        Raises:
            UsageError: they are not handed over; says what was expected and what was found.
        """
        ...
