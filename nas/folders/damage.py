"""Errors that mean lost content, and the command that they point to."""

import contextlib
import errno
import shlex
from collections.abc import Iterator
from pathlib import Path

from nas.errors import ArchwrightError, Damaged

_LOST = (errno.EIO, errno.EISDIR, errno.ENOTDIR, errno.ELOOP)


def is_lost(error: ArchwrightError) -> bool:
    """Whether an error means that the content of a file is lost: neither a permission nor free space restores it."""
    return isinstance(error, Damaged) or getattr(error.__cause__, "errno", None) in _LOST


def reason_of(error: ArchwrightError, path: Path) -> str:
    """What an error says about a file, without its path."""
    return str(error).removeprefix(f"{path} ")


@contextlib.contextmanager
def way_out(folder: str | Path) -> Iterator[None]:
    """Adds a note that names `nas repair` to errors that mean lost content.

    Args:
        folder: of the run or the comparison.
    """
    try:
        yield
    except ArchwrightError as error:
        if is_lost(error) and not hasattr(error, "__notes__"):
            error.add_note(f"nas repair {shlex.quote(str(folder))} moves damaged files aside, and says what to do next")
        raise
