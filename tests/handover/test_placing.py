"""Where an export is put: a folder is moved as a whole, and a file is encrypted."""

from pathlib import Path

import pytest

import nas.encrypted
from nas.encrypted import Scrypt, decrypted, is_encrypted
from nas.errors import UsageError
from nas.handover.placing import InFile, InFolder
from nas.manifest import MANIFEST, Manifest

pytest.importorskip("cryptography", reason="the extra `encrypt` is not installed")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nas.encrypted, "SCRYPT", Scrypt(4, 8, 1))


def _made(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    Manifest(folder).write("a", content)
    return folder


def test_a_folder_replaces_an_earlier_one(tmp_path: Path) -> None:
    place = InFolder(tmp_path / "to")
    for content in (b"one", b"two"):
        place.check()
        place.put(_made(place.making(), content))
        assert Manifest(place.target).read("a") == content
        assert [path.name for path in tmp_path.iterdir()] == ["to"]


def test_a_file_replaces_an_earlier_one(tmp_path: Path) -> None:
    """What is not encrypted yet is never beside it, and the passphrase is never shown."""
    place = InFile(tmp_path / "deep" / "to", "a word")
    for content in (b"one", b"two"):
        place.check()
        made = place.making()
        assert not made.is_relative_to(tmp_path / "deep")
        assert made.stat().st_mode & 0o77 == 0
        place.put(_made(made, content))
        assert decrypted(place.target, "a word") == {"a": content}
        assert [path.name for path in place.target.parent.iterdir()] == ["to"]
    assert "a word" not in repr(place)


def test_other_targets(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"")
    for target, passphrase, message in (
        (tmp_path, "a word", "is a folder, expected a file"),
        (tmp_path / "mine", "a word", "is another file"),
        (tmp_path / "new", "", "the passphrase is empty"),
    ):
        with pytest.raises(UsageError, match=message):
            InFile(target, passphrase).check()
    assert not is_encrypted(tmp_path / "mine")
    assert MANIFEST not in {path.name for path in tmp_path.iterdir()}
