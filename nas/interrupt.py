"""Interruption by Ctrl-C and SIGTERM.

An exception raised in a signal handler can be lost: in a weak reference callback or a `__del__`, Python reports it and
continues. The handler therefore only records the signal, and `stop_if_asked` raises `Stopped` from ordinary code: at
each batch of a training and between trials, where no file is being written.
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
    """A signal asked the program to terminate.

    It is not a KeyboardInterrupt, because typer catches those and exits with its own code.

    Attributes:
        exit_code: 128 plus the number of the signal: 130 for SIGINT, 143 for SIGTERM.
        resumable: whether it arrived in an `orderly` block, so that finished work is kept.
    """

    def __init__(self, signum: int, *, resumable: bool = False) -> None:
        super().__init__(signal.Signals(signum).name)
        self.exit_code = 128 + signum
        self.resumable = resumable


def stop_if_asked() -> None:
    """Raises `Stopped` if a signal has arrived; to be called often, wherever work may be abandoned."""
    if _noted:
        raise _noted[0]


@contextmanager
def stoppable() -> Iterator[None]:
    """Within this block, the first signal raises `Stopped`, and the second terminates the process.

    The first signal takes effect immediately, so that commands without `stop_if_asked` terminate too. In an `orderly`
    block, or if Python discards the exception, it takes effect at the next `stop_if_asked`, at the latest at the end of
    this block.
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
    except SystemExit as end:  # raised by typer at the end of a command
        if not end.code:
            stop_if_asked()
        raise
    finally:
        _noted.clear()
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def orderly() -> Iterator[None]:
    """Within this block, a signal takes effect only at `stop_if_asked`, or at the end of the block."""
    global _orderly
    before, _orderly = _orderly, True
    try:
        yield
    finally:
        _orderly = before
    stop_if_asked()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Defers signals to the end of this block, for any handler, such as that of a user's script.

    Only the main thread receives signals, so in other threads the block has no effect.
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
