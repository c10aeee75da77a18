"""Text files, plain or compressed, in any encoding."""

import gzip
import io
import lzma
from pathlib import Path
from typing import Any

import pytest

from nas.data.reading.opened import Flow, opened_text
from nas.errors import IntegrityError, StorageError, UsageError

TEXT = "city,n\r\nKöln,1\r\n"


def read(path: Path, encoding: str | None = None) -> str:
    with opened_text(path, encoding) as file:
        return file.read()


@pytest.mark.parametrize(("name", "pack"), [("a.csv", bytes), ("a.csv.gz", gzip.compress), ("a.CSV.XZ", lzma.compress)])
def test_files_are_decompressed_and_line_breaks_stay(tmp_path: Path, name: str, pack: Any) -> None:
    path = tmp_path / name
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_bytes(pack(TEXT.encode(encoding)))
        assert read(path) == TEXT
    path.write_bytes(pack(TEXT.encode("latin-1")))
    assert read(path, "latin-1") == TEXT
    with pytest.raises(
        UsageError, match=r"line 2: byte 9 \(0xf6\) is not UTF-8; `encoding:` names the one of the file"
    ):
        read(path)


def test_an_encoding_that_is_not_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("ab".encode("utf-16") + b"\x00")
    with pytest.raises(UsageError, match=r"a\.csv.* is not UTF-16"):
        read(path)
    with pytest.raises(UsageError, match="encoding: expected one that Python knows, such as 'latin-1', got 'none'"):
        read(path, "none")


@pytest.mark.parametrize(("name", "pack"), [("a.gz", gzip.compress), ("a.xz", lzma.compress)])
def test_damaged_files(tmp_path: Path, name: str, pack: Any) -> None:
    path = tmp_path / name
    whole = pack(TEXT.encode())
    for damaged in (whole[:-9], TEXT.encode(), whole[:20] + b"????" + whole[24:]):
        path.write_bytes(damaged)
        with pytest.raises(IntegrityError, match=f"{name}: the compressed file is damaged"):
            read(path)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none\.csv: No such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(StorageError, match="Is a directory"):
        read(tmp_path)


class _Slow(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, content: bytes) -> None:
        self.left = content

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part, self.left = self.left[:3], self.left[3:]
        buffer[: len(part)] = part
        return len(part)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_bytes_that_are_read_once(encoding: str) -> None:
    """Lines are there as soon as their bytes are, and the file stays open."""
    pipe = _Slow("ä\nb\nlonger\n".encode(encoding))
    file = io.BufferedReader(pipe)
    with opened_text(Flow(file, "a pipe"), None) as text:
        assert next(text) == "ä\n"
        assert pipe.left
        assert [*text] == ["b\n", "longer\n"]
    assert not file.closed
    with (
        pytest.raises(UsageError, match=r"^a pipe is not UTF-8: .*`encoding:`"),
        opened_text(Flow(io.BufferedReader(_Slow(b"a\n\xff\n")), "a pipe"), None) as text,
    ):
        text.read()
