"""The repair of a folder of any kind."""

from pathlib import Path

from nas.arguments import checked
from nas.comparison.repair import COMPARISON
from nas.errors import UsageError
from nas.folders import Kind, Repaired, mend
from nas.runs.repair import RUN

KINDS: tuple[Kind, ...] = (RUN, COMPARISON)
"""The kinds of folders that can be repaired."""


@checked
def repair(folder: str | Path) -> Repaired:
    """Moves what is damaged in the folder of a run or a comparison aside, and saves what can be read of a damaged log.

    Nothing is trained, and nothing is deleted: a damaged file is moved to `damaged/1`, the next time to `damaged/2`.

    Raises:
        UsageError: the folder holds neither.
        StorageError: it is in use, a file cannot be read for lack of a permission, or cannot be moved.
        IntegrityError: another program wrote to the log, or nothing says to what the log belongs; it is left as it is.
    """
    for kind in KINDS:
        if kind.layout.is_that_of(Path(folder)):
            return mend(Path(folder), kind)
    raise UsageError(f"{folder} holds no {' and no '.join(kind.name for kind in KINDS)}")
