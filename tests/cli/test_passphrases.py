"""Passphrases, from a terminal or from a file."""

import getpass
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from nas.cli.passphrases import new_passphrase, passphrase_of
from nas.encrypted import MAGIC
from nas.errors import StorageError, UsageError

Typed = Callable[..., None]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Answers questions for passphrases."""

    def answer(*answers: str) -> None:
        left = [*answers]
        monkeypatch.setattr(getpass, "getpass", lambda prompt: left.pop(0))

    return answer


def test_a_new_one_is_typed_twice(typed: Typed) -> None:
    typed("a word", "a word")
    assert new_passphrase(None) == "a word"
    for answers, message in ((("a", "b"), "the two passphrases differ"), (("",), "the passphrase is empty")):
        typed(*answers)
        with pytest.raises(UsageError, match=message):
            new_passphrase(None)


def test_a_file(tmp_path: Path) -> None:
    for content in (b"a word", b"a word\n", b"a word\r\n", b"\xef\xbb\xbfa word\n"):
        (tmp_path / "word").write_bytes(content)
        assert new_passphrase(tmp_path / "word") == "a word"
    for content, message in (
        (b"", "expected one line with the passphrase, got none"),
        (b"\n", "expected one line with the passphrase, got none"),
        (b"a\nb\n", "expected one line with the passphrase, got 2"),
        (b"\xff", "expected a passphrase in UTF-8"),
    ):
        (tmp_path / "word").write_bytes(content)
        with pytest.raises(UsageError, match=message):
            new_passphrase(tmp_path / "word")
    with pytest.raises(StorageError, match="none cannot be read"):
        new_passphrase(tmp_path / "none")


def test_it_is_asked_for_where_it_is_needed(tmp_path: Path, typed: Typed) -> None:
    (tmp_path / "file").write_bytes(MAGIC)
    (tmp_path / "word").write_text("another")
    typed("a word")
    assert passphrase_of(tmp_path / "file", None) == "a word"
    assert passphrase_of(tmp_path / "file", tmp_path / "word") == "another"
    assert passphrase_of(tmp_path, None) is None
    with pytest.raises(UsageError, match=r"--passphrase-file is for encrypted exports, and .* is none"):
        passphrase_of(tmp_path, tmp_path / "word")


def test_it_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal, what is typed would be seen."""

    def unsafe(prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=1)
        raise AssertionError("it goes on")

    monkeypatch.setattr(getpass, "getpass", unsafe)
    with pytest.raises(UsageError, match="there is no terminal to ask for the passphrase; --passphrase-file names a"):
        new_passphrase(None)
    assert "GetPassWarning" not in str(sys.exc_info())
