"""Text files, plain or compressed, with errors that name the place."""

import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from nas.errors import IntegrityError, StorageError, UsageError

_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
"""The first bytes of encodings that announce themselves."""

_DAMAGED = (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile)
"""What a damaged compressed file raises."""


@contextmanager
def opened_text(path: Path, encoding: str | None) -> Iterator[IO[str]]:
    """A text file, decompressed if its name ends in `.gz` or `.xz`, with its line breaks as they are.

    Args:
        path: the file.
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
        with _opened(path) as file:
            name = encoding or _marked(file)
            with io.TextIOWrapper(file, encoding=name, newline="") as text:
                try:
                    yield text
                except UnicodeDecodeError as error:
                    raise UsageError(_undecodable(path, name, error)) from None
    except _DAMAGED as error:
        raise IntegrityError(f"{path}: the compressed file is damaged: {error}") from error
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}") from error


def _opened(path: Path) -> BinaryIO | gzip.GzipFile | lzma.LZMAFile:
    match path.suffix.lower():
        case ".gz":
            return gzip.open(path)
        case ".xz":
            return lzma.open(path)
        case _:
            return path.open("rb")


def _marked(file: BinaryIO | gzip.GzipFile | lzma.LZMAFile) -> str:
    first = file.read(2)
    file.seek(0)
    return _MARKS.get(first, "utf-8-sig")


def _undecodable(path: Path, encoding: str, error: UnicodeDecodeError) -> str:
    """Says where the first bytes are that cannot be decoded: the decoder knows the place in its buffer alone."""
    hint = "; `encoding:` names the one of the file, such as latin-1"
    place = 0
    with _opened(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError as found:
                byte = f"byte {place + found.start:,} (0x{line[found.start]:02x})"
                return f"{path}, line {number:,}: {byte} is not {_called(encoding)}{hint}"
            place += len(line)
    return f"{path} is not {_called(encoding)}: {error.reason}{hint}"


def _called(encoding: str) -> str:
    return encoding.upper().removesuffix("-SIG")
