"""The space files that come with Archwright: `search_spaces/` of the repository.

They are there once. An installed package holds the same folder as `nas/search_spaces` (see `setup.py`), a checkout has
it beside the package.
"""

from functools import cache
from pathlib import Path

from nas.errors import UsageError, nearest
from nas.ops import Shape
from nas.space import Space, load_space

PACKAGE = Path(__file__).parents[1]


def spaces_folder() -> Path:
    """Where the space files are. Raises UsageError if they are nowhere."""
    for folder in (PACKAGE / "search_spaces", PACKAGE.parent / "search_spaces"):
        if folder.is_dir():
            return folder
    raise UsageError(f"the space files of Archwright are neither in {PACKAGE} nor beside it; install it again")


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
    """A space by its name, read once in a process."""
    return load_space(space_file(name), input=input, outputs=outputs)
