"""The standard streams of a command: letters that a terminal may not have, and writing that may fail."""

import codecs
import contextlib
import io
import os
import sys
import threading
import unicodedata
from collections.abc import Iterator
from typing import TextIO, cast

LETTERS = dict(zip("×·→←–—−█─│├└“”", 'x-><---#-|++""', strict=True))
"""What stands for a letter of ours where an encoding lacks it, as wide as it is."""


def prepare() -> None:
    """Makes the standard streams write any text: what their encoding lacks, by other letters. Where one is closed, no
    file that is opened later takes its number, and with it what a library says there."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    codecs.register_error("archwright", _spell)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a process may be started with its streams closed
            stream.reconfigure(errors="archwright")


def settle() -> None:
    """What cannot be written now goes nowhere, so that the flush at the end of the process does not fail once more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def tell(message: str) -> None:
    """Writes a line to standard error, if that can be."""
    with contextlib.suppress(OSError):
        print(message, file=sys.stderr)


@contextlib.contextmanager
def announced(message: str, *, after: float = 3.0) -> Iterator[None]:
    """Writes a line to the terminal if the block takes longer than `after` seconds; to a pipe or a file, nothing."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    timer = threading.Timer(after, tell, [message])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def lasting(stream: TextIO) -> TextIO:
    """The stream, for progress: what cannot be written is lost, and the run goes on. A disk may be full, a terminal
    closed, and whoever read it gone."""
    return cast(TextIO, _Lasting(stream))


class _Lasting:
    """What `lasting` gives, as far as printing needs it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


def _spell(error: UnicodeError) -> tuple[str, int]:
    """The handler of letters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(LETTERS.get(letter) or _decomposed(letter) for letter in letters), error.end


def _decomposed(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or "?"
