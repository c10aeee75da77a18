"""Trainings that were paused, in a folder, so that going on with one costs only what is left of it.

A checkpoint is a way to be quick and never a truth: a training that finds none begins from scratch, and comes to the
same. So none of them is waited for, none is part of a run's log, and one that is corrupt is thrown away. A file appears
complete or not at all (`nas.files`), and its name ends in the SHA-256 of its content.

The folder stays bounded: a checkpoint goes when a later one of the same training is written, or when that has come to
its end; above `most_bytes` altogether the oldest go; and the search that made them removes the folder when it is over.
"""

from pathlib import Path
from typing import NamedTuple

from nas.arguments import checked
from nas.files import make_folder, read_bytes, remove, remove_folder, sha256, write_bytes

SUFFIX = ".safetensors"
MOST_BYTES = 4 * 2**30


class _File(NamedTuple):
    """A checkpoint: what its name says."""

    path: Path
    epochs: int
    checksum: str


@checked
class Checkpoints:
    """A folder of paused trainings.

    Args:
        folder: where; made when the first is written.
        most_bytes: of all files together; at least one is kept.
    """

    def __init__(self, folder: str | Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.folder = Path(folder)
        self.most_bytes = most_bytes

    def save(self, training: str, epochs: int, content: bytes) -> None:
        """Keeps a training that was paused after `epochs`, in the place of what is there of it.

        Args:
            training: what tells it from others; letters and digits.
            epochs: how many it has had.
            content: all that is needed to go on.

        Raises:
            StorageError: the folder cannot be written.
        """
        make_folder(self.folder)
        earlier = self._files(training)
        path = self.folder / f"{training}-{epochs}-{sha256(content)}{SUFFIX}"
        write_bytes(path, content)
        for file in earlier:
            if file.path != path:
                remove(file.path)
        self._shrink(path)

    def load(self, training: str, epochs: int) -> bytes | None:
        """What was saved of a training furthest on, but not after more than `epochs`; None if there is nothing.

        Raises:
            StorageError: a file cannot be read, or a corrupt one not be removed.
        """
        for file in sorted(self._files(training), key=lambda file: -file.epochs):
            if file.epochs > epochs:
                continue
            content = read_bytes(file.path)
            if sha256(content) == file.checksum:
                return content
            remove(file.path)
        return None

    def drop(self, training: str) -> None:
        """Removes what there is of a training. Raises StorageError."""
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
        """Removes the oldest files until the others fit."""
        sizes = {path: path.stat() for path in self.folder.glob(f"*{SUFFIX}")}
        total = sum(one.st_size for one in sizes.values())
        for path in sorted(sizes, key=lambda path: (sizes[path].st_mtime_ns, path.name)):
            if total <= self.most_bytes:
                break
            if path != newest:
                remove(path)
                total -= sizes[path].st_size
