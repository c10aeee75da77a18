"""The error of a folder that holds results already."""

from pathlib import Path

from nas.errors import UsageError


def taken(folder: Path, kind: str) -> UsageError:
    """The error of a command or a call that would begin anew in a folder with a run or a comparison (`kind`)."""
    return UsageError(
        f"{folder} holds a {kind} already; --resume (resume=True) continues it, --out (out=...) names another folder"
    )
