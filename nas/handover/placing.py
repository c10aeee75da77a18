"""Where a complete export is put: a folder, or one encrypted file."""

import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nas.encrypted import check_passphrase, encrypted, is_encrypted
from nas.errors import UsageError
from nas.files import make_folder, move, remove_folder, written
from nas.handover.handed import exported_before
from nas.manifest import Manifest


@dataclass(frozen=True)
class InFolder:
    """A folder: new, empty, or an earlier export, which is replaced.

    Two moves replace it: the earlier export goes aside, to `.NAME.HEX.old`, and the new one takes its place. After a
    kill between them, the next `check` brings the earlier one back.
    """

    target: Path

    def check(self) -> None:
        """Raises UsageError if the folder holds anything but an earlier export, or StorageError."""
        self._recover()
        if self.target.exists() and not self.target.is_dir():
            raise UsageError(f"{self.target} is a file, expected a folder")
        if self.target.is_dir() and any(self.target.iterdir()) and not exported_before(self.target):
            raise UsageError(f"{self.target} holds other files; name a folder that is empty or does not exist")

    def _recover(self) -> None:
        """Brings an export back that a kill left aside, or removes it if a later one is in its place."""
        aside = re.compile(rf"\.{re.escape(self.target.name)}\.[0-9a-f]{{8}}\.old")
        for old in sorted(self.target.parent.glob(".*.old")):
            if aside.fullmatch(old.name) and exported_before(old):
                if not self.target.exists():
                    move(old, self.target)
                elif exported_before(self.target):
                    remove_folder(old)

    def making(self) -> Path:
        """Where the files are until all of them are there."""
        return self.target.with_name(f".{self.target.name}.{secrets.token_hex(4)}.tmp")

    def put(self, made: Path) -> None:
        """Moves a complete folder to its place; an earlier one is removed afterwards."""
        if not self.target.exists():
            move(made, self.target)
            return
        old = self.target.with_name(f".{self.target.name}.{secrets.token_hex(4)}.old")
        move(self.target, old)
        try:
            move(made, self.target)
        except BaseException:
            move(old, self.target)
            raise
        remove_folder(old)


@dataclass(frozen=True)
class InFile:
    """An encrypted file: new, or an earlier one, which is replaced."""

    target: Path
    passphrase: str = field(repr=False)

    def check(self) -> None:
        """Raises UsageError if the path leads to anything but an earlier encrypted export, or nothing is encrypted."""
        if self.target.is_dir():
            raise UsageError(f"{self.target} is a folder, expected a file")
        if self.target.exists() and not is_encrypted(self.target):
            raise UsageError(f"{self.target} is another file; name one that does not exist")
        check_passphrase(self.passphrase)

    def making(self) -> Path:
        """A folder that this user alone can read, and not beside the target: what is encrypted stays on this disk."""
        return Path(tempfile.mkdtemp())

    def put(self, made: Path) -> None:
        """Encrypts the files of a complete folder."""
        manifest = Manifest(made)
        files = {name: manifest.read(name) for name in manifest}
        make_folder(self.target.parent)
        with written(self.target) as file:
            for piece in encrypted(files, self.passphrase):
                file.write(piece)


@contextmanager
def placed(place: InFolder | InFile) -> Iterator[Manifest]:
    """A new folder, which is put in its place once the block has ended; if that raises, nothing is, and none is left.

    Yields:
        The manifest of the folder, through which its files are written.
    """
    making = place.making()
    try:
        yield Manifest(make_folder(making))
        place.put(making)
    finally:
        remove_folder(making)
