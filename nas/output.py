"""The standard streams of a command: characters that an encoding lacks, and writes that fail."""

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
"""Replacements, of equal width, for characters that an encoding lacks."""


def prepare() -> None:
    """Makes the standard streams accept any text, with replacements for characters that their encoding lacks.

    A stream that is closed is connected to the null device, so that no file opened later gets its descriptor, and with
    it the output of libraries.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    codecs.register_error("archwright", _spell)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None if the process was started with the stream closed
            stream.reconfigure(errors="archwright")


def settle() -> None:
    """Flushes the streams, and discards what cannot be written, so that the flush at exit does not fail again."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def tell(message: str) -> None:
    """Writes a line to standard error, if possible."""
    with contextlib.suppress(OSError):
        print(message, file=sys.stderr)


@contextlib.contextmanager
def announced(message: str, *, after: float = 3.0) -> Iterator[None]:
    """Writes a line to the terminal if the block takes longer than `after` seconds, and nothing to a pipe or file."""
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
    """The stream, without its errors: output that cannot be written is lost, and the run continues. The disk may be
    full, the terminal closed, or the reader of the pipe gone."""
    return cast(TextIO, _Lasting(stream))


class _Lasting:
    """The methods of a stream that printing needs, without errors."""

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
    """The error handler for characters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(LETTERS.get(letter) or _decomposed(letter) for letter in letters), error.end


def _decomposed(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or "?"
