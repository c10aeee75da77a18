"""Trials in which the process dies: how they are known when it is started again.

This concerns evaluations in the driver's process (`executors/serial.py`) and final trainings. A candidate that ends a
worker process fails its trial at once (`executors/workers.py`).

A trial is noted before it is evaluated. If a noted trial has no result, the process died in it. Python's `faulthandler`
reports a fatal signal (a segmentation fault, an abort) in an open file: then the trial is the cause. SIGKILL and a
power failure leave no trace, and need not be the fault of the trial: it is evaluated again, so that the search has the
same result as without the interruption, but not forever.
"""

import faulthandler
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nas.errors import StorageError
from nas.files import remove
from nas.sealed import sealed, unsealed

LIVES = 3
"""The number of processes that may die in a trial without a trace."""

MOST = 4096
"""The bytes of a report that are read: the signal comes first, then the innermost frame."""


@dataclass(frozen=True)
class Begun:
    """The note of a trial that was begun.

    Attributes:
        place: of the trial in the log: the number of trials logged before it.
        architecture: id of its network.
        times: how often it was begun, not counting attempts that ended in an orderly way.
        fault: what the process died of in it; empty if that is unknown.
    """

    place: int = -1
    architecture: str = ""
    times: int = 0
    fault: str = ""

    def again(self, place: int, architecture: str) -> "Begun":
        """The note when this trial is begun."""
        same = (self.place, self.architecture) == (place, architecture)
        return replace(self, times=self.times + 1) if same else Begun(place, architecture, times=1)

    @property
    def reason(self) -> str | None:
        """Why the trial must not be evaluated; None: it may be."""
        if self.fault:
            return f"the process died in it: {self.fault}"
        return f"the process ended in it {LIVES} times" if self.times > LIVES else None

    def stored(self) -> dict[str, Any]:
        """The note as plain data."""
        return sealed(asdict(self))

    @classmethod
    def of(cls, stored: object) -> "Begun":
        """The stored note; a damaged one counts as empty, since notes are only hints."""
        try:
            return cls(**unsealed(stored))
        except (ValueError, TypeError):
            return cls()


class FaultLog:
    """The file in which fatal signals are reported.

    Attributes:
        earlier: what the process before this one died of, as in `Segmentation fault (conv.py:12)`; empty if it did not
            die, or left no trace.
    """

    def __init__(self, earlier: str, descriptor: int) -> None:
        self.earlier = earlier
        self._descriptor: int | None = descriptor

    def clear(self) -> None:
        """Empties the file, which may report the death of a child of this process, such as a worker that loads data."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)

    def close(self) -> None:
        """Closes the file, whose descriptor may then be reused."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None


@contextmanager
def fault_log(path: Path) -> Iterator[FaultLog]:
    """Reports fatal signals in a file while the context lasts. An earlier report is read first, and stays until it is
    cleared.

    If signals are already reported elsewhere (`python -X faulthandler`, a test runner), this is not changed.

    Raises:
        StorageError: the file cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}") from error
    ours = not faulthandler.is_enabled()
    log = FaultLog(told(os.pread(descriptor, MOST, 0)), descriptor)
    try:
        if ours:
            faulthandler.enable(descriptor, all_threads=False)
        yield log
    finally:
        if ours:
            faulthandler.disable()
        log.close()
        with suppress(StorageError):
            remove(path)


def told(report: bytes) -> str:
    """The signal and the place in a report of `faulthandler`, as in `Segmentation fault (conv.py:12)`."""
    text = report.decode(errors="replace")
    name = re.search(r"Fatal Python error: (.*)", text)
    place = re.search(r'File "(?:.*/)?(.+)", line (\d+)', text)
    if not text.strip():
        return ""
    return (name[1] if name else "a fatal signal") + (f" ({place[1]}:{place[2]})" if place else "")
