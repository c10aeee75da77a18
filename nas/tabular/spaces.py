"""The space files that are distributed with Archwright: `search_spaces/` of the repository.

An installed package contains the folder as `nas/search_spaces` (see `setup.py`); in a checkout it is beside the
package.
"""

from functools import cache
from pathlib import Path

from nas.errors import UsageError, nearest
from nas.ops import Shape
from nas.space import Space, load_space

PACKAGE = Path(__file__).parents[1]


def spaces_folder() -> Path:
    """The folder of the space files. Raises UsageError if it does not exist."""
    for folder in (PACKAGE / "search_spaces", PACKAGE.parent / "search_spaces"):
        if folder.is_dir():
            return folder
    raise UsageError(f"the space files of Archwright are neither in {PACKAGE} nor beside it; reinstall it")


def space_file(name: str) -> Path:
    """The file of a space by its name, as in `nasbench201`. Raises UsageError if there is none."""
    folder = spaces_folder()
    path = folder / f"{name}.yaml"
    known = sorted(file.stem for file in folder.glob("*.yaml"))
    if name not in known:
        close = nearest(name, known)
        raise UsageError(
            f"no space of Archwright is named {name!r}; there are {', '.join(known)}"
            + (f"; did you mean {close!r}?" if close else "")
        )
    return path


@cache
def shipped_space(name: str, input: Shape | None = None, outputs: int | None = None) -> Space:
    """A space by its name, cached for the process."""
    return load_space(space_file(name), input=input, outputs=outputs)
