"""Files of samples: one, or those of a folder."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from nas.data.class_folders import files_in


def files_of(
    path: Path, suffixes: Collection[str], what: str, say: Callable[[str], None] | None = None
) -> tuple[Sequence[Path], Sequence[str]]:
    """The files at a path, and their names.

    Args:
        path: a file, or a folder, of which all files are found that end in `suffixes`, also those in folders within it.
        suffixes: the ends of names, in lower case, with their dots.
        what: what the files are, in the plural.
        say: is told how many other files are ignored; None: nobody is.

    Raises:
        UsageError: there are no such files.
        StorageError: a folder cannot be read.
    """
    if not path.is_dir():
        return [path], [shown_path(Path(path.name))]
    files, others = files_in(path, suffixes, what)
    if others and say is not None:
        counted = f"{others:,} other file{'s are' if others > 1 else ' is'}"
        say(f"{counted} ignored in {path}: the {what} end in {', '.join(suffixes)}")
    return files, [shown_path(file.relative_to(path)) for file in files]


def within(path: Path, name: str) -> str:
    """The name of a sample at one of several paths."""
    if path.is_dir():
        return f"{shown_path(path)}/{name}"
    return shown_path(path) if name == shown_path(Path(path.name)) else f"{shown_path(path)}, {name}"


def shown_path(path: Path) -> str:
    """A path as text; bytes in its name that are no UTF-8 are replaced."""
    return path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
