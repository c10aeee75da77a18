"""Folders of files with a folder for each class, such as folders of images, sounds or texts."""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nas.data.split import PART_NAMES
from nas.errors import StorageError, UsageError, few


@dataclass(frozen=True)
class ClassFiles:
    """The files of a part of a data set.

    Attributes:
        paths: of the files, ordered by class, then by path.
        labels: the class of each file.
    """

    paths: tuple[Path, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class ClassFolders:
    """Files in folders of classes.

    Attributes:
        parts: the files of `train`, and of `val` and `test` if there are folders of these.
        notes: what a reader should know, a sentence each.
    """

    parts: Mapping[str, ClassFiles]
    notes: tuple[str, ...] = ()


def class_folders(path: Path, suffixes: Collection[str], what: str) -> ClassFolders:
    """The files in a folder that has a folder for each class.

    If all its folders have names of parts (`train`, `val`, `valid`, `validation`, `test`), among them `train`, each has
    the folders of the classes. Files may lie deeper within the folder of their class. Those whose names begin with a
    dot are ignored, and so are those that end otherwise, which is noted. Links are followed.

    Args:
        path: the folder.
        suffixes: the ends of the names of files, in lower case, with their dots.
        what: what the files are, in the plural.

    Raises:
        UsageError: there are no folders of classes, one has no files, there are folders beside those of parts, or a
            link leads to a folder around it.
        StorageError: a folder cannot be read.
    """
    folders = _folders(path)
    named = {PART_NAMES.get(folder.name.lower(), ""): folder for folder in folders}
    parted = "" not in named and "train" in named
    if not parted and "train" in named and len(named) > 2 and _only_folders(named["train"]):
        others = [folder.name for folder in folders if folder.name.lower() not in PART_NAMES]
        raise UsageError(
            f"{path} has folders of parts, {few(sorted(named[part].name for part in named if part))}, and others: "
            f"{few(others)}; expected either parts, each with a folder for each class, or classes"
        )
    if parted and len(named) < len(folders):
        raise UsageError(f"{path} has two folders of one part: {few(folder.name for folder in folders)}")
    ignored: list[Path] = []
    expected = f"{what} ({', '.join(suffixes)})"
    parts = {
        part: _part(folder, suffixes, expected, ignored)
        for part, folder in (sorted(named.items()) if parted else [("train", path)])
    }
    notes: tuple[str, ...] = ()
    if ignored:
        endings = sorted({file.suffix.lower() or "none" for file in ignored})
        one = len(ignored) == 1
        counted = f"{len(ignored):,} {'file' if one else 'files'} in folders of classes {'is' if one else 'are'} no"
        kind = expected.replace(what, what.removesuffix("s"), 1) if one else expected
        notes = (f"{counted} {kind}, and {'is' if one else 'are'} ignored: {few(endings)}",)
    return ClassFolders(parts, notes)


def files_in(path: Path, suffixes: Collection[str], what: str) -> tuple[list[Path], int]:
    """The files in a folder and the folders within it, ordered by path, and the number of those that end otherwise.

    The arguments, what is ignored and what is followed are those of `class_folders`.

    Raises:
        UsageError: there are no such files, or a link leads to a folder around it.
        StorageError: a folder cannot be read.
    """
    everything = list(_files(path, ()))
    found = [file for file in everything if file.name.lower().endswith(tuple(suffixes))]
    if not found:
        raise UsageError(f"{path} has no {what} ({', '.join(suffixes)})")
    return found, len(everything) - len(found)


def has_class_folders(path: Path, suffixes: Collection[str]) -> bool:
    """Whether a folder has folders of classes with files that end in `suffixes`, as far as the first ones show."""
    try:
        first = [file for folder in _folders(path)[:4] for file in islice(_files(folder, ()), 16)]
    except (StorageError, UsageError):
        return False
    return any(file.name.lower().endswith(tuple(suffixes)) for file in first)


def _part(folder: Path, suffixes: Collection[str], expected: str, ignored: list[Path]) -> ClassFiles:
    """The files of the folders of classes in a folder; adds files of other kinds to `ignored`."""
    classes = _folders(folder)
    if not classes:
        raise UsageError(f"{folder} has no folders: expected one for each class, with {expected}")
    paths: list[Path] = []
    labels: list[str] = []
    for one in classes:
        before = len(paths)
        for file in _files(one, (os.path.realpath(folder),)):
            if file.name.lower().endswith(tuple(suffixes)):
                paths.append(file)
                labels.append(one.name)
            else:
                ignored.append(file)
        if len(paths) == before:
            raise UsageError(f"{one}: the folder of a class has no {expected}")
    return ClassFiles(tuple(paths), tuple(labels))


def _entries(folder: Path) -> list[tuple[str, bool]]:
    """The names of what a folder has, in order, without hidden entries, and whether each is a folder."""
    try:
        with os.scandir(folder) as found:  # for many files, much faster than `Path.iterdir`
            return sorted((entry.name, _is_folder(entry)) for entry in found if not entry.name.startswith("."))
    except OSError as error:
        raise StorageError(f"{folder}: {error.strerror or error}") from error


def _only_folders(folder: Path) -> bool:
    """Whether a folder has folders and no file."""
    entries = _entries(folder)
    return bool(entries) and all(is_folder for _, is_folder in entries)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _folders(folder: Path) -> list[Path]:
    return [folder / name for name, is_folder in _entries(folder) if is_folder]


def _files(folder: Path, around: tuple[str, ...]) -> Iterator[Path]:
    """The files in a folder and in its folders; `around` are the real paths of the folders that it is in."""
    real = os.path.realpath(folder)
    if real in around:
        raise UsageError(f"{folder} is a link to a folder that contains it, {real}")
    for name, is_folder in _entries(folder):
        if is_folder:
            yield from _files(folder / name, (*around, real))
        else:
            yield folder / name
