"""Damaged files are moved aside: to `damaged/1`, the next time to `damaged/2`, and so on. Nothing is deleted."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from nas.files import make_folder, move, write_bytes

DAMAGED = "damaged"
"""The folder that damaged files are moved to."""


@dataclass
class Aside:
    """What a repair moved aside.

    Attributes:
        folder: the folder that is repaired.
        damaged: the reason for each damaged file, by its name. Files that are missing are included.
        path: where the damaged files are; None: none had to be moved.
    """

    folder: Path
    damaged: dict[str, str] = field(default_factory=dict)
    path: Path | None = None

    def take(self, name: str, reason: str) -> None:
        """Records the damage of a file, and moves it if it exists. Raises StorageError."""
        self.damaged[name] = reason
        if os.path.lexists(self.folder / name):
            move(self.folder / name, self._made() / name)

    def take_if_there(self, name: str, reason: str) -> None:
        """Moves a file if it exists; a missing one is not damaged. Raises StorageError."""
        if os.path.lexists(self.folder / name):
            self.take(name, reason)

    def take_unless(self, is_right: Callable[[Path], bool], names: Iterable[str], expected: str) -> None:
        """Moves whatever else than a file, or than a folder, has one of these names. Raises StorageError."""
        for name in names:
            if not is_right(self.folder / name):
                self.take_if_there(name.removesuffix("/"), f"is not a {expected}")

    def copy(self, name: str, data: bytes, reason: str) -> None:
        """Saves the content of a file that will be replaced. Raises StorageError."""
        self.damaged[name] = reason
        write_bytes(self._made() / name, data)

    def _made(self) -> Path:
        if self.path is None:
            base = self.folder / DAMAGED
            numbers = [int(path.name) for path in base.glob("*") if path.name.isdecimal()]
            self.path = make_folder(base / str(max(numbers, default=0) + 1))
        return self.path
