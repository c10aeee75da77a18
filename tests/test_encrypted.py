"""Encrypted files: what comes back, and that nothing does of a file that was altered."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nas.encrypted
from nas.encrypted import CHUNK, MAGIC, Scrypt, decrypted, encrypted, is_encrypted
from nas.errors import IntegrityError, StorageError, UsageError

pytest.importorskip("cryptography", reason="the extra `encrypt` is not installed")

FILES = {"model.py": b"code", "a/weights": bytes(range(256)) * 3, "empty": b"", "file": b"\0"}
QUICK = Scrypt(4, 8, 1)


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Keys that are derived at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nas.encrypted, "SCRYPT", QUICK)
        yield


def _written(path: Path, passphrase: str = "a word", files: dict[str, bytes] = FILES) -> bytes:
    content = b"".join(encrypted(files, passphrase))
    path.write_bytes(content)
    return content


def test_what_comes_back(tmp_path: Path) -> None:
    first = _written(tmp_path / "a")
    assert is_encrypted(tmp_path / "a")
    assert decrypted(tmp_path / "a", "a word") == FILES
    assert not any(content in first for name, content in FILES.items() if len(content) > 1)
    assert not any(name.encode() in first for name in FILES)
    second = _written(tmp_path / "a")
    assert first[12:35] != second[12:35]
    assert first[35:] != second[35:]


def test_a_passphrase_is_the_same_however_it_is_typed(tmp_path: Path) -> None:
    _written(tmp_path / "a", "Stra\u00dfe \u00e9")
    assert decrypted(tmp_path / "a", "Stra\u00dfe e\u0301") == FILES
    for other in ("Strasse \u00e9", "stra\u00dfe \u00e9", "Stra\u00dfe \u00e9 "):
        with pytest.raises(IntegrityError, match="the passphrase is wrong, or the file was altered or cut off"):
            decrypted(tmp_path / "a", other)


def test_each_byte_is_authenticated(tmp_path: Path) -> None:
    """Whatever bit of the file is flipped, it is one error of ours, and nothing is returned."""
    content = _written(tmp_path / "a", files={"a": b"b"})
    for place in range(len(content)):
        for bit in range(8) if place < 12 else (place % 8,):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            (tmp_path / "a").write_bytes(changed)
            with pytest.raises((IntegrityError, UsageError)) as caught:
                decrypted(tmp_path / "a", "a word")
            assert isinstance(caught.value, IntegrityError) or place == len(MAGIC)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_chunks_are_neither_cut_off_nor_moved(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nas.encrypted, "CHUNK", 100)
        path = tmp_path_factory.getbasetemp() / "chunks"
        content = _written(path)
        assert decrypted(path, "a word") == FILES
        chunks = [content[at : at + 116] for at in range(35, len(content), 116)]
        some = data.draw(st.lists(st.sampled_from(range(len(chunks))), max_size=len(chunks) + 1))
        changed = b"".join(chunks[place] for place in some)
        cut = data.draw(st.integers(0, 5))
        path.write_bytes(content[:35] + changed[: len(changed) - cut])
        if path.read_bytes() != content:
            with pytest.raises(IntegrityError):
                decrypted(path, "a word")


def test_chunks_are_full_but_the_last(tmp_path: Path) -> None:
    for size in (CHUNK, 2 * CHUNK + 1):
        content = _written(tmp_path / "a", files={"a": np.random.default_rng(0).bytes(size)})
        assert len(decrypted(tmp_path / "a", "a word")["a"]) == size
        (tmp_path / "a").write_bytes(content[: 35 + CHUNK + 16])  # the end of a chunk
        with pytest.raises(IntegrityError):
            decrypted(tmp_path / "a", "a word")


@pytest.mark.parametrize(
    ("log_n", "r", "p"),
    [(22, 8, 1), (63, 8, 1), (255, 255, 255), (17, 255, 1), (17, 8, 5), (4, 0, 1), (4, 8, 0), (16, 1, 1)],
)
def test_a_header_cannot_take_all_memory(log_n: int, r: int, p: int, tmp_path: Path) -> None:
    content = bytearray(_written(tmp_path / "a"))
    content[9:12] = struct.pack("BBB", log_n, r, p)
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(IntegrityError, match=rf"asks for scrypt with n = 2\^{log_n}, r = {r}, p = {p}, which"):
        decrypted(tmp_path / "a", "a word")


def test_the_defaults_are_allowed() -> None:
    assert Scrypt().bounded
    assert Scrypt(18, 8, 2).bounded


def test_other_files(tmp_path: Path) -> None:
    content = _written(tmp_path / "a")
    for size, message in ((0, "is no encrypted export"), (7, "is no encrypted export"), (20, "has 20 of the 35 bytes")):
        (tmp_path / "b").write_bytes(content[:size])
        with pytest.raises(IntegrityError, match=message):
            decrypted(tmp_path / "b", "a word")
    (tmp_path / "b").write_bytes(content[:8] + b"\2" + content[9:])
    assert is_encrypted(tmp_path / "b")
    with pytest.raises(UsageError, match="is an encrypted export of version 2; this version of Archwright reads 1"):
        decrypted(tmp_path / "b", "a word")
    with pytest.raises(UsageError, match="the passphrase is empty"):
        decrypted(tmp_path / "a", "")
    with pytest.raises(UsageError, match="the passphrase is empty"):
        b"".join(encrypted(FILES, ""))
    with pytest.raises(StorageError, match="none cannot be read"):
        decrypted(tmp_path / "none", "a word")
    assert not is_encrypted(tmp_path)


def test_without_cryptography(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _written(tmp_path / "a")
    monkeypatch.setitem(__import__("sys").modules, "cryptography", None)
    with pytest.raises(UsageError, match=r"pip install 'archwright\[encrypt\]'"):
        decrypted(tmp_path / "a", "a word")
