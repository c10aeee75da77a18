"""What a folder consists of, and what each part of it is recreated from.

The tables of the documentation (`nas.schema.reference`), repairs and the tests of damaged files follow from a layout.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Check(Enum):
    """How damage of a part is detected."""

    MANIFEST = "by its checksum in the manifest"
    OWN = "by checksums that it contains"
    NONE = "not at all: nothing depends on its content"
    PROCESS = "not at all: it belongs to the process that works on the folder"


@dataclass(frozen=True)
class Part:
    """Files of one purpose.

    Attributes:
        names: relative to the folder; `finalists/` is a folder.
        about: what they contain.
        source: what they are recreated from; empty: from nothing.
        check: how damage is detected.
        distinctive: whether a folder with one of them is of this kind.
    """

    names: tuple[str, ...]
    about: str
    source: str = ""
    check: Check = Check.MANIFEST
    distinctive: bool = False


@dataclass(frozen=True)
class Layout:
    """The parts of a kind of folder.

    Attributes:
        locked: the file that a process locks while it works on the folder.
        parts: all of them.
    """

    locked: str
    parts: Sequence[Part]

    def is_that_of(self, folder: Path) -> bool:
        """Whether a folder is of this kind."""
        names = (name for part in self.parts if part.distinctive for name in part.names)
        return any(os.path.lexists(folder / name) for name in names)

    def names(self, *checks: Check) -> list[str]:
        """The names of the parts that are checked in one of these ways."""
        return [name for part in self.parts if part.check in checks for name in part.names]

    @property
    def folders(self) -> list[str]:
        """The names of the folders within the folder."""
        return [name for name in self.names(*Check) if name.endswith("/")]

    def unchecked(self, folder: Path) -> Iterator[str]:
        """The files on whose content nothing depends, with those that folders contain."""
        for name in self.names(Check.NONE):
            if name.endswith("/"):
                yield from within(folder, name)
            else:
                yield name


def within(folder: Path, name: str) -> list[str]:
    """The names of what a folder within a folder contains, relative to the outer one."""
    path = folder / name
    return sorted(f"{path.name}/{inner.name}" for inner in path.iterdir()) if path.is_dir() else []
