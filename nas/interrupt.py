"""Stopping from outside: Ctrl-C and SIGTERM.

An exception that is raised in a signal's handler can be lost: in a callback of a weak reference or in a `__del__`
Python reports it and goes on. So the handler takes a note, and `stop_if_asked` raises `Stopped` from ordinary code: at
each batch of a training and between trials, where nothing is being written.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_noted: list["Stopped"] = []
_orderly = False


class Stopped(BaseException):
    """A signal asked the program to end.

    No KeyboardInterrupt, because typer catches those and ends with an exit code of its own.

    Attributes:
        exit_code: 128 and the signal's number: 130 for SIGINT, 143 for SIGTERM.
        resumable: whether it came in an `orderly` block, so that what was finished is kept.
    """

    def __init__(self, signum: int, *, resumable: bool = False) -> None:
        super().__init__(signal.Signals(signum).name)
        self.exit_code = 128 + signum
        self.resumable = resumable


def stop_if_asked() -> None:
    """Raises `Stopped` if a signal came; to be called wherever work may be left, and often."""
    if _noted:
        raise _noted[0]


@contextmanager
def stoppable() -> Iterator[None]:
    """In this block the first signal raises `Stopped`, and the next one ends the process at once.

    The first takes effect where it arrives, so that a command that never asks ends too. Where Python swallows it,
    and in an `orderly` block, it does so at the next `stop_if_asked`, at the latest at the end of this block.
    """

    def stop(signum: int, _: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        if _noted:
            signal.raise_signal(signum)
        _noted.append(Stopped(signum, resumable=_orderly))
        if not _orderly:
            stop_if_asked()

    before = {each: signal.signal(each, stop) for each in SIGNALS}
    try:
        yield
        stop_if_asked()
    except SystemExit as end:  # how typer ends
        if not end.code:
            stop_if_asked()
        raise
    finally:
        _noted.clear()
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def orderly() -> Iterator[None]:
    """In this block a signal takes effect at `stop_if_asked` alone, and at its end."""
    global _orderly
    before, _orderly = _orderly, True
    try:
        yield
    finally:
        _orderly = before
    stop_if_asked()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A signal that comes in this block takes effect at its end, whatever handles it: that of a script, for instance.

    Other threads get none, so there it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {each: signal.signal(each, lambda signum, _: arrived.append(signum)) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for signum in arrived:
            signal.raise_signal(signum)
