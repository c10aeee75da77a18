"""Checkpoints: paused trainings in a folder, from which a later trial continues.

A checkpoint saves time and never changes a result: a training that finds none starts from scratch and arrives at the
same weights. Checkpoints are therefore not part of a run's log, and corrupt ones are deleted. A file is written
atomically (`nas.files`), and its name contains the SHA-256 of its content.

The size of the folder is bounded. A checkpoint is deleted when a later one of the same training is written, and when
the training is finished. If all checkpoints together exceed `most_bytes`, the oldest are deleted. The search removes
the folder at its end.

Several processes may use one folder: a file that another one has just deleted counts as not found.
"""

import socket
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from nas.arguments import checked
from nas.errors import StorageError
from nas.files import make_folder, read_bytes, remove, remove_folder, sha256, write_bytes

SUFFIX = ".safetensors"
MOST_BYTES = 4 * 2**30


class _File(NamedTuple):
    """A checkpoint, as described by its file name."""

    path: Path
    epochs: int
    checksum: str


@checked
class Checkpoints:
    """A folder of paused trainings.

    Args:
        folder: the folder, which is created with the first checkpoint. On another machine that does not have the
            folder around it, as a node of a cluster may not, nothing is stored.
        most_bytes: maximal size of all files together, in bytes; at least one file is kept.
    """

    def __init__(self, folder: str | Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.folder = Path(folder)
        self.most_bytes = most_bytes
        self._stores = True

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "host": socket.gethostname()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        here = state.pop("host") == socket.gethostname()
        vars(self).update(state)
        self._stores = self._stores and (here or self.folder.parent.is_dir())

    def save(self, training: str, epochs: int, content: bytes) -> None:
        """Stores a training that was paused after `epochs`, and deletes its earlier checkpoints.

        Args:
            training: identifies the training; letters and digits.
            epochs: the number of epochs so far.
            content: the state from which the training can continue.

        Raises:
            StorageError: the folder cannot be written.
        """
        if not self._stores:
            return
        make_folder(self.folder)
        earlier = self._files(training)
        path = self.folder / f"{training}-{epochs}-{sha256(content)}{SUFFIX}"
        write_bytes(path, content)
        for file in earlier:
            if file.path != path:
                remove(file.path)
        self._shrink(path)

    def load(self, training: str, epochs: int) -> bytes | None:
        """The latest checkpoint of a training with at most `epochs` epochs; None if there is none.

        Raises:
            StorageError: a file cannot be read, or a corrupt file cannot be removed.
        """
        for file in sorted(self._files(training), key=lambda file: -file.epochs):
            if file.epochs > epochs:
                continue
            try:
                content = read_bytes(file.path)
            except StorageError:
                if file.path.exists():
                    raise
                continue
            if sha256(content) == file.checksum:
                return content
            remove(file.path)
        return None

    def drop(self, training: str) -> None:
        """Removes the checkpoints of a training. Raises StorageError."""
        for file in self._files(training):
            remove(file.path)

    def clear(self) -> None:
        """Removes the folder. Raises StorageError."""
        remove_folder(self.folder)

    def _files(self, training: str) -> list[_File]:
        found = []
        for path in self.folder.glob(f"{training}-*{SUFFIX}"):
            _, epochs, checksum = path.stem.split("-")
            found.append(_File(path, int(epochs), checksum))
        return found

    def _shrink(self, newest: Path) -> None:
        """Removes the oldest files until the rest is within the limit."""
        sizes = {}
        for path in self.folder.glob(f"*{SUFFIX}"):
            with suppress(FileNotFoundError):
                sizes[path] = path.stat()
        total = sum(one.st_size for one in sizes.values())
        for path in sorted(sizes, key=lambda path: (sizes[path].st_mtime_ns, path.name)):
            if total <= self.most_bytes:
                break
            if path != newest:
                remove(path)
                total -= sizes[path].st_size
