"""Trials in which the process dies: how they are known when it is started again.

This concerns evaluations in the driver's process (`executors/serial.py`) and final trainings. A candidate that ends a
worker process fails its trial at once (`executors/workers.py`).

A trial is noted before it is evaluated. Where the note is of a trial that has no result, the process died in it, and
the question is of what. Python's `faulthandler` writes of a fatal signal (a segmentation fault, an abort) into a file
that is open: then the trial was the reason. SIGKILL and a power cut leave nothing, and may be nobody's fault: such a
trial is evaluated again, so that the search comes out as if nothing had happened, but not for ever.
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
"""How many processes may die in a trial of what leaves no trace."""

MOST = 4096
"""Bytes of a report that are read: the signal stands first, then the innermost frame."""


@dataclass(frozen=True)
class Begun:
    """The note of a trial that was begun.

    Attributes:
        place: of the trial in the log, that is, how many were logged before it.
        architecture: id of its network.
        times: how often, not counting those that ended in good order.
        fault: what the process died of in it, where that is known.
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
        """Why the trial must not be evaluated now that it is begun; None: nothing speaks against it."""
        if self.fault:
            return f"the process died in it: {self.fault}"
        return f"the process ended in it {LIVES} times" if self.times > LIVES else None

    def stored(self) -> dict[str, Any]:
        """The note as plain data."""
        return sealed(asdict(self))

    @classmethod
    def of(cls, stored: object) -> "Begun":
        """The note that was stored so; one that was damaged is none, since it only gives a hint."""
        try:
            return cls(**unsealed(stored))
        except (ValueError, TypeError):
            return cls()


class FaultLog:
    """Where a fatal signal is reported to.

    Attributes:
        earlier: what the process before this one died of, as in `Segmentation fault (conv.py:12)`; empty where it did
            not, or left nothing.
    """

    def __init__(self, earlier: str, descriptor: int) -> None:
        self.earlier = earlier
        self._descriptor: int | None = descriptor

    def clear(self) -> None:
        """Forgets what there is: a child of this process that died, such as a worker that loads data."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)

    def close(self) -> None:
        """Closes the file: its number may be that of another one from now on."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None


@contextmanager
def fault_log(path: Path) -> Iterator[FaultLog]:
    """Fatal signals are reported to a file as long as the context lasts; what is there from before is read first, and
    stays until it is cleared.

    Where the report goes elsewhere already (`python -X faulthandler`, a test runner), it stays so.

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
