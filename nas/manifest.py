"""The manifest of a folder: the SHA-256 of every file.

It is needed because neither checkpoints nor safetensors detect a flipped bit.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

from nas.errors import Damaged, StorageError, UsageError
from nas.files import make_folder, move_into_place, read_bytes, remove, sha256, write_bytes, write_text
from nas.sealed import parse_record, record_bytes, sealed

MANIFEST = "manifest.json"
"""Name of the manifest of a folder."""

MOST_BYTES = 1 << 24
"""Of a manifest: enough for a hundred thousand files."""


class Entry(NamedTuple):
    """The SHA-256 (64 hexadecimal digits) and the size (bytes) of a file."""

    sha256: str
    size: int

    @classmethod
    def of(cls, data: bytes) -> "Entry":
        """The entry of a file with this content."""
        return cls(sha256(data), len(data))


class Manifest:
    """The files of a folder with their hashes, in `manifest.json`. One process at a time may write.

    The object has no state: every call reads the file, and every write replaces it. While a file is being replaced, its
    entry has the old hash and the new one, so that a kill between the two writes leaves no file that seems corrupt.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @property
    def path(self) -> Path:
        """The path of the manifest."""
        return self.folder / MANIFEST

    def __contains__(self, name: str) -> bool:
        return name in self._entries()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries()))

    def write(self, name: str, data: bytes) -> Path:
        """Writes a file and its entry. Folders in the name are made.

        Args:
            name: the name of the file, relative to the folder, with `/` between its parts.
            data: its content.

        Returns:
            The path of the file.

        Raises:
            UsageError: the name leads out of the folder, or is that of the manifest.
            StorageError: it cannot be written.
            Damaged: the manifest is corrupt.
        """
        return self._put(name, Entry.of(data), lambda path: write_bytes(path, data))

    def move_in(self, name: str, source: Path) -> Path:
        """Moves a file to its place in the folder, and writes its entry.

        Args:
            name: as for `write`.
            source: the path of the complete file, on the same file system.

        Raises:
            the errors of `write`; StorageError also if the file cannot be read.
        """
        return self._put(name, Entry.of(read_bytes(source)), lambda path: move_into_place(source, path))

    def _put(self, name: str, entry: Entry, put: Callable[[Path], None]) -> Path:
        """Writes an entry, and has `put` replace the file."""
        path = self._locate(name)
        name = PurePosixPath(name).as_posix()
        entries = self._entries()
        make_folder(path.parent)
        if name in entries:
            self._save({**entries, name: (*entries[name], entry)})
        put(path)
        self._save({**entries, name: (entry,)})
        return path

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """Writes files, by their names. Raises the errors of `write`."""
        for name, data in files.items():
            self.write(name, data)

    def write_record(self, name: str, record: Mapping[str, Any]) -> Path:
        """Writes plain data as JSON with a checksum. Raises the errors of `write`."""
        return self.write(name, record_bytes(record))

    def read(self, name: str) -> bytes:
        """The verified content of a file.

        Raises:
            UsageError: the name leads out of the folder.
            Damaged: it is missing, truncated, altered, or not in the manifest.
            StorageError: it cannot be read.
        """
        self._locate(name)
        known = self._entries().get(PurePosixPath(name).as_posix())
        if known is None:
            raise Damaged(f"{self.folder / name} is not in {self.path}")
        return self._checked(name, known)

    def read_record(self, name: str) -> dict[str, Any]:
        """The record that `write_record` wrote. Raises the errors of `read`."""
        return parse_record(self.read(name), self.folder / name)

    def damage(self) -> Mapping[str, Damaged | StorageError]:
        """The error of each damaged file, by its name. Raises Damaged if the manifest is corrupt, or StorageError."""
        found: dict[str, Damaged | StorageError] = {}
        for name, known in self._entries().items():
            try:
                self._checked(name, known)
            except (Damaged, StorageError) as error:
                found[name] = error
        return found

    def verify(self) -> None:
        """Verifies every file. Raises the errors of `read`; the message names all damaged files."""
        found = list(self.damage().values())
        if len(found) == 1:
            raise found[0]
        if found:
            kind = Damaged if any(isinstance(error, Damaged) for error in found) else StorageError
            raise kind("\n".join(map(str, found)))

    def forget(self, *names: str) -> None:
        """Removes the entries of files, and leaves the files. Raises StorageError or Damaged."""
        self._save({name: known for name, known in self._entries().items() if name not in names})

    def remove(self, name: str) -> None:
        """Removes a file and its entry if it has one. Raises StorageError or Damaged."""
        if name in self:
            self.forget(name)
            remove(self._locate(name))

    def adopt(self, *names: str) -> None:
        """Adds the entries of files with their present content. Raises StorageError or Damaged."""
        found = {name: (Entry.of(read_bytes(self._locate(name))),) for name in names}
        self._save({**self._entries(), **found})

    def _checked(self, name: str, known: Sequence[Entry]) -> bytes:
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise Damaged(f"{path} is a link that leads out of {self.folder}")
        if not path.is_file():
            raise Damaged(f"{path} is not a file" if os.path.lexists(path) else f"{path} is missing")
        data = read_bytes(path)
        if Entry.of(data) in known:
            return data
        if any(len(data) == entry.size for entry in known):
            raise Damaged(f"{path} was altered: expected SHA-256 {known[-1].sha256[:16]}…, got {sha256(data)[:16]}…")
        sizes = " or ".join(str(entry.size) for entry in known)
        raise Damaged(f"{path} is corrupt: expected {sizes} bytes, got {len(data)}")

    def _locate(self, name: str) -> Path:
        path = inside(self.folder, name)
        if path == self.path:
            raise UsageError(f"{name!r} is the name of the manifest itself")
        return path

    def _entries(self) -> Mapping[str, tuple[Entry, ...]]:
        if not os.path.lexists(self.path):
            return {}
        if not self.path.is_file():
            raise Damaged(f"{self.path} is not a file")
        if self.path.stat().st_size > MOST_BYTES:
            raise Damaged(f"{self.path} is corrupt: it is larger than {MOST_BYTES:,} bytes")
        record = parse_record(read_bytes(self.path), self.path)
        try:
            for name in record["files"]:
                _check_name(self.folder, name)
            return {
                name: tuple(Entry(str(entry["sha256"]), int(entry["size"])) for entry in entries)
                for name, entries in record["files"].items()
            }
        except (ValueError, TypeError, KeyError, AttributeError, UsageError) as error:
            raise Damaged(f"{self.path} is corrupt: {error}") from error

    def _save(self, entries: Mapping[str, tuple[Entry, ...]]) -> None:
        files = {name: [entry._asdict() for entry in entries[name]] for name in sorted(entries)}
        write_text(self.path, json.dumps(sealed({"files": files}), indent=1) + "\n")


def inside(folder: Path, name: str) -> Path:
    """The path of `name` in `folder`.

    Raises:
        UsageError: the name leads out of the folder: `..`, an absolute path, a link that points elsewhere.
    """
    _check_name(folder, name)
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{path} leads out of {folder}")
    return path


def _check_name(folder: Path, name: str) -> None:
    if not _is_plain(name):
        raise UsageError(f"{name!r} is not the name of a file in {folder}")


@lru_cache(maxsize=100_000)  # every read of a manifest asks for each name in it
def _is_plain(name: str) -> bool:
    """Whether a name can be that of a file in a folder, here and elsewhere."""
    parts = PurePosixPath(name).parts
    plain = bool(parts) and ".." not in parts and not PurePosixPath(name).is_absolute()
    plain = plain and all(len(part.encode(errors="replace")) <= 255 for part in parts)
    return plain and "\0" not in name and "\\" not in name and not PureWindowsPath(name).drive
