"""Files of samples: one, or those of a folder."""

from collections.abc import Collection, Sequence
from pathlib import Path

from nas.data.class_folders import files_in


def files_of(path: Path, suffixes: Collection[str], what: str) -> tuple[Sequence[Path], Sequence[str], tuple[str, ...]]:
    """The files at a path, their names, and what there is to say of them.

    Args:
        path: a file, or a folder, of which all files are found that end in `suffixes`, also those in folders within it.
        suffixes: the ends of names, in lower case, with their dots.
        what: what the files are, in the plural.

    Raises:
        UsageError: there are no such files.
        StorageError: a folder cannot be read.
    """
    if not path.is_dir():
        return [path], [_named(Path(path.name))], ()
    files, others = files_in(path, suffixes, what)
    counted = f"{others:,} other file{'s are' if others > 1 else ' is'}"
    notes = (f"{counted} ignored in {path}: the {what} end in {', '.join(suffixes)}",) if others else ()
    return files, [_named(file.relative_to(path)) for file in files], notes


def _named(path: Path) -> str:
    """A path as text; bytes in its name that are no UTF-8 are replaced."""
    return path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
