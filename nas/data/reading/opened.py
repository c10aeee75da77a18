"""Text files, plain or compressed, with errors that name the place."""

import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nas.errors import IntegrityError, StorageError, UsageError

_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
"""The first bytes of encodings that announce themselves."""

_DAMAGED = (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile)
"""What a damaged compressed file raises."""


@dataclass(frozen=True, eq=False)
class Flow:
    """Bytes that are read once, from the beginning to the end, such as those of standard input.

    Attributes:
        file: where they come from; it is not closed.
        name: in messages.
    """

    file: "io.BufferedReader[Any]"
    name: str

    def __str__(self) -> str:
        return self.name


@contextmanager
def opened_text(source: Path | Flow, encoding: str | None) -> Iterator[IO[str]]:
    """A text file, decompressed if its name ends in `.gz` or `.xz`, with its line breaks as they are.

    Args:
        source: the path of the file, or bytes that are no file.
        encoding: as Python names it; None: UTF-8, with or without a byte order mark, or UTF-16 with one.

    Raises:
        UsageError: the encoding is unknown, or not that of the file; says at which byte and line.
        IntegrityError: the compressed file is damaged.
        StorageError: the file cannot be read.
    """
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise UsageError(f"encoding: expected one that Python knows, such as 'latin-1', got {encoding!r}") from None
    try:
        with nullcontext(source.file) if isinstance(source, Flow) else _opened(source) as file:
            name = encoding or _MARKS.get(file.peek(2)[:2], "utf-8-sig")
            text = io.TextIOWrapper(file, encoding=name, newline="")
            try:
                yield text
            except UnicodeDecodeError as error:
                raise UsageError(_undecodable(source, name, error)) from None
            finally:
                text.detach()
    except _DAMAGED as error:
        raise IntegrityError(f"{source}: the compressed file is damaged: {error}") from error
    except OSError as error:
        raise StorageError(f"{source}: {error.strerror or error}") from error


def _opened(path: Path) -> io.BufferedReader | gzip.GzipFile | lzma.LZMAFile:
    match path.suffix.lower():
        case ".gz":
            return gzip.open(path)
        case ".xz":
            return lzma.open(path)
        case _:
            return path.open("rb")


def _undecodable(source: Path | Flow, encoding: str, error: UnicodeDecodeError) -> str:
    """Says where the first bytes are that cannot be decoded: the decoder knows the place in its buffer alone."""
    hint = "; `encoding:` names the one of the file, such as latin-1"
    place = 0
    if isinstance(source, Flow):
        return f"{source} is not {_called(encoding)}: {error.reason}{hint}"
    with _opened(source) as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError as found:
                byte = f"byte {place + found.start:,} (0x{line[found.start]:02x})"
                return f"{source}, line {number:,}: {byte} is not {_called(encoding)}{hint}"
            place += len(line)
    return f"{source} is not {_called(encoding)}: {error.reason}{hint}"


def _called(encoding: str) -> str:
    return encoding.upper().removesuffix("-SIG")
