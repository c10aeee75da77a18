"""Files written and read: complete or not at all, with errors that name the file.

A file is written beside its place, flushed to the disk, and moved there in one step. If the process is killed in the
middle, a temporary file (`.NAME.HEX.tmp`) may remain, which nothing ever reads.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nas.errors import StorageError


def write_bytes(path: str | Path, data: bytes) -> None:
    """Writes a file. After a crash it has either its previous content, or all of `data`.

    Raises:
        StorageError: it cannot be written; the previous content is unchanged.
    """
    with written(path) as file:
        file.write(data)


@contextlib.contextmanager
def written(path: str | Path) -> Iterator[BinaryIO]:
    """A file to be written piece by piece. It is at its place when the block has ended, and not if that raised.

    Raises:
        StorageError: it cannot be written, or there is something other than a file; the previous content is unchanged.
    """
    path = Path(path)
    if path.exists() and not path.is_file():  # a device or a pipe would be replaced by the file
        raise StorageError(f"{path} cannot be written: it is a {'folder' if path.is_dir() else 'device or a pipe'}")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with _naming(path, "written"):
        try:
            with temporary.open("xb") as file:
                yield file
            move_into_place(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Like `write_bytes`, for text in UTF-8."""
    write_bytes(path, text.encode())


def move_into_place(temporary: Path, path: Path) -> None:
    """Renames a complete file within its folder, and flushes both to the disk.

    Raises:
        StorageError: it cannot be moved.
    """
    with _naming(path, "written"):
        _flush(temporary)
        os.replace(temporary, path)  # noqa: PTH105  tests make this very call fail
        _flush(path.parent)  # else a power failure may lose the new name


def move(path: Path, target: Path) -> None:
    """Moves a file, a folder or a link within a file system. The target folder is made if it does not exist.

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
    """Removes a file if it exists. Raises StorageError."""
    with _naming(Path(path), "removed"):
        Path(path).unlink(missing_ok=True)


def remove_folder(path: str | Path) -> None:
    """Removes a folder and its content if it exists. Raises StorageError."""
    with _naming(Path(path), "removed"):
        if Path(path).exists():
            shutil.rmtree(path)


def make_folder(path: str | Path) -> Path:
    """Makes a folder and its parents if they do not exist. Raises StorageError."""
    with _naming(Path(path), "made"):
        Path(path).mkdir(parents=True, exist_ok=True)
    return Path(path)


def sha256(data: bytes) -> str:
    """The SHA-256 of `data`, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def _naming(path: Path, verb: str) -> Iterator[None]:
    """Turns an OSError into a StorageError that names the file."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} cannot be {verb}: {error.strerror or error}") from error


def _flush(path: Path) -> None:
    """Waits until a file, or the directory of a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
