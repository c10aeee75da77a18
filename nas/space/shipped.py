"""The space files that are distributed with Archwright: `search_spaces/` of the repository.

An installed package contains the folder as `nas/search_spaces` (see `setup.py`); in a checkout it is beside the
package.
"""

from collections.abc import Sequence
from pathlib import Path

from nas.errors import UsageError, nearest

PACKAGE = Path(__file__).parents[1]
SUFFIXES = (".yaml", ".yml")


def spaces_folder() -> Path:
    """The folder of the space files. Raises UsageError if it does not exist."""
    for folder in (PACKAGE / "search_spaces", PACKAGE.parent / "search_spaces"):
        if folder.is_dir():
            return folder
    raise UsageError(f"the space files of Archwright are neither in {PACKAGE} nor beside it; reinstall it")


def space_names() -> Sequence[str]:
    """The names of the spaces, sorted."""
    return sorted(file.stem for file in spaces_folder().glob("*.yaml"))


def space_file(name: str) -> Path:
    """The file of a space by its name, as in `nasbench201`. Raises UsageError if there is none."""
    known = space_names()
    if name not in known:
        close = nearest(name, known)
        raise UsageError(
            f"no space of Archwright is named {name!r}; there are {', '.join(known)}"
            + (f"; did you mean {close!r}?" if close else "")
        )
    return spaces_folder() / f"{name}.yaml"


def found_space(path: Path) -> Path:
    """The file that a path or a name stands for: a file of this path or, if there is none, a space of Archwright.

    Raises:
        UsageError: there is neither.
    """
    if path.is_file():
        return path
    if is_name(path):
        return space_file(path.name)
    raise UsageError(f"{path}: there is no such file{hint(path)}")


def is_name(path: Path) -> bool:
    """Whether a path may be the name of a space."""
    return len(path.parts) == 1 and path.suffix not in SUFFIXES


def hint(path: Path) -> str:
    """What is probably meant by the path of a file that does not exist, for the end of a message."""
    close = nearest(path.stem, space_names())
    return f"; did you mean {close!r}, a space of Archwright?" if close else ""
