"""Folders of files with a folder for each class, and perhaps one for each part of the data above them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nas.errors import StorageError, UsageError, few

PARTS: Mapping[str, Sequence[str]] = {"train": ("train",), "val": ("val", "valid", "validation"), "test": ("test",)}
"""The names of the folders of each part."""

MOST_LOOKED_AT = 1000
"""The number of entries of a folder by which a recogniser judges it."""


@dataclass(frozen=True, eq=False)
class ClassFiles:
    """The files of one part.

    Attributes:
        files: their paths, sorted by class and then by path.
        labels: the name of the folder of the class of each, `(N,)` strings.
    """

    files: Sequence[Path]
    labels: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class ClassFolders:
    """The files of a folder of class folders.

    Attributes:
        parts: `train`, and those of `val` and `test` that there are.
        others: the number of files in them that do not have one of the suffixes.
    """

    parts: Mapping[str, ClassFiles]
    others: int


def read_class_folders(path: Path, suffixes: Sequence[str]) -> ClassFolders:
    """The files of a folder with a folder for each class, or with folders `train`, `val` and `test` of such folders.

    Classes are sorted by name. Files are found at any depth below the folder of their class. Names that begin with a
    dot are passed over. Links to folders are followed.

    Args:
        path: the folder.
        suffixes: the ends of the names of files that are read, in lower case.

    Raises:
        UsageError: there is no such folder, it has no class folders, or one without files, or a link to a folder
            that it is in.
        StorageError: a folder cannot be read.
    """
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such folder")
    parts = _parts(path) or {"train": path}
    if "train" not in parts:
        raise UsageError(f"{path}: there is no folder `train` beside {few(folder.name for folder in parts.values())}")
    found: dict[str, ClassFiles] = {}
    others = 0
    for part, folder in parts.items():
        files: list[Path] = []
        labels: list[str] = []
        classes = _folders(folder)
        if not classes:
            raise UsageError(f"{folder}: expected a folder for each class, found none")
        for one in classes:
            everything = sorted(_files(one, (_identity(path), _identity(folder))))
            own = [file for file in everything if file.suffix.lower() in suffixes]
            if not own:
                raise UsageError(f"{one}: the folder of a class has no files named {_named(suffixes)}")
            files += own
            labels += [one.name] * len(own)
            others += len(everything) - len(own)
        found[part] = ClassFiles(files, np.array(labels))
    return ClassFolders(found, others)


def has_class_folders(path: Path, suffixes: Sequence[str]) -> bool:
    """Whether a folder has two or more folders of which the first has a file with one of the suffixes, or has such a
    folder `train`. It looks at the first entries only, and raises nothing."""
    try:
        if not path.is_dir():
            return False
        folder = (_parts(path) or {"train": path}).get("train")
        classes = _folders(folder) if folder is not None else ()
        if folder is None or len(classes) < 2:
            return False
        first = islice(_files(classes[0], (_identity(folder),)), MOST_LOOKED_AT)
        return any(file.suffix.lower() in suffixes for file in first)
    except (StorageError, UsageError):
        return False


def _parts(path: Path) -> Mapping[str, Path] | None:
    """The folders of the parts; None if a folder has another name, so that they are classes."""
    found: dict[str, Path] = {}
    for folder in _folders(path):
        part = next((part for part, names in PARTS.items() if folder.name.lower() in names), None)
        if part is None:
            return None
        if part in found:
            raise UsageError(f"{path}: the folders {found[part].name} and {folder.name} are both of the part {part}")
        found[part] = folder
    return {part: found[part] for part in PARTS if part in found} or None


def _folders(path: Path) -> Sequence[Path]:
    return sorted(Path(entry.path) for entry in _entries(path) if entry.is_dir())


def _files(folder: Path, above: tuple[tuple[int, int], ...]) -> Iterator[Path]:
    """The files below a folder; `above` are the identities of the folders that it is in."""
    own = _identity(folder)
    if own in above:
        raise UsageError(f"{folder}: this is a link to a folder that it is in, and has no end")
    for entry in _entries(folder):
        if entry.is_dir():
            yield from _files(Path(entry.path), (*above, own))
        else:
            yield Path(entry.path)


def _entries(folder: Path) -> Sequence[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        raise StorageError(f"{folder} cannot be read: {error.strerror or error}") from error


def _identity(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError as error:
        raise StorageError(f"{folder} cannot be read: {error.strerror or error}") from error
    return status.st_dev, status.st_ino


def _named(suffixes: Sequence[str]) -> str:
    return ", ".join(f"*{suffix}" for suffix in suffixes)
