"""The one place that writes the files of a run.

A file appears under its name complete or not at all: it is written beside its place, flushed to the disk, and moved
there in one step. A manifest keeps the SHA-256 of every file of a folder, because neither checkpoints nor safetensors
notice a flipped bit. A kill in the middle may leave a temporary file (`.NAME.HEX.tmp`), which nothing ever reads.
"""

import contextlib
import errno
import hashlib
import json
import os
import secrets
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

from nas.errors import ArchwrightError, Damaged, StorageError, UsageError

MANIFEST = "manifest.json"
"""Name of the manifest of a folder."""

MOST_BYTES = 1 << 24
"""Of a manifest: room for a hundred thousand files."""

_LOST = (errno.EIO, errno.EISDIR, errno.ENOTDIR, errno.ELOOP)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Writes a file, so that after a crash it holds either what it held before, or all of `data`.

    Raises:
        StorageError: it cannot be written; what was there before is untouched.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with _naming(path, "written"):
        try:
            with temporary.open("xb") as file:
                file.write(data)
            move_into_place(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Like `write_bytes`, for text in UTF-8."""
    write_bytes(path, text.encode())


def move_into_place(temporary: Path, path: Path) -> None:
    """Gives a file that is written completely its real name, in the same folder; both are flushed to the disk.

    Raises:
        StorageError: it cannot be moved.
    """
    with _naming(path, "written"):
        _flush(temporary)
        os.replace(temporary, path)  # noqa: PTH105  tests make this very call fail
        _flush(path.parent)  # else the new name may be lost in a power cut


def move(path: Path, target: Path) -> None:
    """Moves a file, a folder or a link within a file system, into a folder that is made if it is not there.

    Raises:
        StorageError: it cannot be moved.
    """
    make_folder(target.parent)
    with _naming(path, "moved"):
        path.rename(target)
        _flush(target.parent)
        _flush(path.parent)


def read_bytes(path: str | Path) -> bytes:
    """The content of a file. Raises StorageError."""
    with _naming(Path(path), "read"):
        return Path(path).read_bytes()


def remove(path: str | Path) -> None:
    """Removes a file, if it is there. Raises StorageError."""
    with _naming(Path(path), "removed"):
        Path(path).unlink(missing_ok=True)


def remove_folder(path: str | Path) -> None:
    """Removes a folder with all that is in it, if it is there. Raises StorageError."""
    with _naming(Path(path), "removed"):
        if Path(path).exists():
            shutil.rmtree(path)


def make_folder(path: str | Path) -> Path:
    """Makes a folder and those above it, where they are not there yet. Raises StorageError."""
    with _naming(Path(path), "made"):
        Path(path).mkdir(parents=True, exist_ok=True)
    return Path(path)


def sha256(data: bytes) -> str:
    """The SHA-256 of `data`, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Data as it comes back from JSON, with a `checksum`, so that a digit that changed is noticed.

    Raises:
        TypeError, ValueError: JSON does not hold it.
    """
    plain = json.loads(json.dumps(record))
    return {**plain, "checksum": _checksum(plain)}


def unsealed(stored: object) -> dict[str, Any]:
    """What `sealed` was given. Raises ValueError if that is not what is there."""
    if not isinstance(stored, dict) or "checksum" not in stored:
        raise ValueError("it has no checksum")
    record = {key: value for key, value in stored.items() if key != "checksum"}
    if stored["checksum"] != _checksum(record):
        raise ValueError("its checksum does not fit its content")
    return record


def _checksum(record: Mapping[str, Any]) -> str:
    return sha256(json.dumps(record, sort_keys=True).encode())


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
    parts = PurePosixPath(name).parts
    plain = bool(parts) and ".." not in parts and not PurePosixPath(name).is_absolute()
    plain = plain and all(len(part.encode(errors="replace")) <= 255 for part in parts)
    if not plain or "\0" in name or "\\" in name or PureWindowsPath(name).drive:
        raise UsageError(f"{name!r} is not the name of a file in {folder}")


class Entry(NamedTuple):
    """What a manifest knows of a file: its SHA-256 (64 hexadecimal digits) and its size in bytes."""

    sha256: str
    size: int

    @classmethod
    def of(cls, data: bytes) -> "Entry":
        """The entry of a file with this content."""
        return cls(sha256(data), len(data))


class Manifest:
    """The files of a folder, each with its hash, in `manifest.json`. One process at a time may write.

    It holds no state: every call reads the file, and every write replaces it. While a file is being replaced its entry
    holds the old hash and the new one, so that a kill between the two writes leaves nothing that looks corrupt.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @property
    def path(self) -> Path:
        """Where the manifest is."""
        return self.folder / MANIFEST

    def __contains__(self, name: str) -> bool:
        return name in self._entries()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries()))

    def write(self, name: str, data: bytes) -> Path:
        """Writes a file and its entry. A folder in the name is made.

        Args:
            name: of the file, relative to the folder, with `/` between its parts.
            data: all of it.

        Returns:
            Where the file is.

        Raises:
            UsageError: the name leads out of the folder, or is the manifest's own.
            StorageError: it cannot be written.
            Damaged: the manifest is corrupt.
        """
        path = self._locate(name)
        name = PurePosixPath(name).as_posix()
        entries, entry = self._entries(), Entry.of(data)
        make_folder(path.parent)
        if name in entries:
            self._save({**entries, name: (*entries[name], entry)})
        write_bytes(path, data)
        self._save({**entries, name: (entry,)})
        return path

    def write_record(self, name: str, record: Mapping[str, Any]) -> Path:
        """Writes plain data as JSON that carries a checksum of its own. Raises what `write` raises."""
        return self.write(name, (json.dumps(sealed(record), indent=1, ensure_ascii=False) + "\n").encode())

    def read(self, name: str) -> bytes:
        """The content of a file, after its check.

        Raises:
            UsageError: the name leads out of the folder.
            Damaged: it is missing, truncated, altered, or not in the manifest; it stays as it is.
            StorageError: it cannot be read.
        """
        self._locate(name)
        known = self._entries().get(PurePosixPath(name).as_posix())
        if known is None:
            raise Damaged(f"{self.folder / name} is not in {self.path}")
        return self._checked(name, known)

    def read_record(self, name: str) -> dict[str, Any]:
        """What `write_record` wrote. Raises what `read` raises."""
        return parse_record(self.read(name), self.folder / name)

    def damage(self) -> Mapping[str, Damaged | StorageError]:
        """What is wrong with the files, by their names. Raises Damaged if the manifest is corrupt, or StorageError."""
        found: dict[str, Damaged | StorageError] = {}
        for name, known in self._entries().items():
            try:
                self._checked(name, known)
            except (Damaged, StorageError) as error:
                found[name] = error
        return found

    def verify(self) -> None:
        """Reads and checks every file. Raises what `read` raises; the message names all that are wrong."""
        found = list(self.damage().values())
        if len(found) == 1:
            raise found[0]
        if found:
            kind = Damaged if any(isinstance(error, Damaged) for error in found) else StorageError
            raise kind("\n".join(map(str, found)))

    def forget(self, *names: str) -> None:
        """Takes files out of the manifest; what is there of them stays. Raises StorageError or Damaged."""
        self._save({name: known for name, known in self._entries().items() if name not in names})

    def remove(self, name: str) -> None:
        """Removes a file and its entry, if it is there. Raises StorageError or Damaged."""
        if name in self:
            self.forget(name)
            remove(self._locate(name))

    def adopt(self, *names: str) -> None:
        """Takes files as they are for what they should be. Raises StorageError or Damaged."""
        found = {name: (Entry.of(read_bytes(self._locate(name))),) for name in names}
        self._save({**self._entries(), **found})

    def _checked(self, name: str, known: Sequence[Entry]) -> bytes:
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise Damaged(f"{path} is a link that leads out of {self.folder}")
        if not path.is_file():
            raise Damaged(f"{path} is no file" if os.path.lexists(path) else f"{path} is missing")
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
            raise Damaged(f"{self.path} is no file")
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


def parse_record(data: bytes, path: Path) -> dict[str, Any]:
    """What `Manifest.write_record` wrote, out of the content of a file. Raises Damaged."""
    try:
        return unsealed(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{path} is corrupt: {error}") from error


def is_lost(error: ArchwrightError) -> bool:
    """Whether an error says that the content of a file is gone, which no permission and no free space brings back."""
    return isinstance(error, Damaged) or getattr(error.__cause__, "errno", None) in _LOST


@contextlib.contextmanager
def way_out(folder: str | Path) -> Iterator[None]:
    """Around work with the folder of a run or a comparison: where a file of it is lost, a note of the error says what
    can be done."""
    try:
        yield
    except ArchwrightError as error:
        if is_lost(error) and not hasattr(error, "__notes__"):
            error.add_note(
                f"nas repair {shlex.quote(str(folder))} sets aside what is damaged, and says what to do next"
            )
        raise


@contextlib.contextmanager
def _naming(path: Path, verb: str) -> Iterator[None]:
    """Turns an operating system's error into one of ours, which names the file."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} cannot be {verb}: {error.strerror or error}") from error


def _flush(path: Path) -> None:
    """Waits until a file, or the list of names of a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
