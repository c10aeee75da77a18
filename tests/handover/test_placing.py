"""Where an export is put: a folder is moved as a whole, and a file is encrypted."""

from pathlib import Path
from typing import Any

import pytest

import nas.encrypted
import nas.handover.placing
from nas.encrypted import Scrypt, decrypted, is_encrypted
from nas.errors import UsageError
from nas.files import move
from nas.handover.placing import InFile, InFolder, placed
from nas.manifest import MANIFEST, Manifest
from tests.tiny_run import contents

pytest.importorskip("cryptography", reason="the extra `encrypt` is not installed")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nas.encrypted, "SCRYPT", Scrypt(4, 8, 1))


def test_a_folder_replaces_an_earlier_one(tmp_path: Path) -> None:
    place = InFolder(tmp_path / "to")
    for content in (b"one", b"two"):
        place.check()
        with placed(place) as manifest:
            manifest.write("a", content)
        assert Manifest(place.target).read("a") == content
        assert [path.name for path in tmp_path.iterdir()] == ["to"]


def test_a_file_replaces_an_earlier_one(tmp_path: Path) -> None:
    """What is not encrypted yet is never beside it, and the passphrase is never shown."""
    place = InFile(tmp_path / "deep" / "to", "a word")
    for content in (b"one", b"two"):
        place.check()
        with placed(place) as manifest:
            assert not manifest.folder.is_relative_to(tmp_path / "deep")
            assert manifest.folder.stat().st_mode & 0o77 == 0
            manifest.write("a", content)
        assert not manifest.folder.exists()
        assert decrypted(place.target, "a word") == {"a": content}
        assert [path.name for path in place.target.parent.iterdir()] == ["to"]
    assert "a word" not in repr(place)


def test_a_folder_that_is_not_complete_is_not_put(tmp_path: Path) -> None:
    with placed(InFolder(tmp_path / "to")) as manifest:
        manifest.write_all({"a": b"one"})
    with pytest.raises(StopIteration), placed(InFolder(tmp_path / "to")) as manifest:  # noqa: PT012
        manifest.write("a", b"two")
        raise StopIteration
    assert Manifest(tmp_path / "to").read("a") == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["to"]


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


class Killed(BaseException):
    """The process has ended."""


def exported(target: Path, content: bytes) -> None:
    place = InFolder(target)
    place.check()
    with placed(place) as manifest:
        manifest.write("model.py", content)


def _beside(folder: Path) -> set[str]:
    """What is in a folder, but for what a kill leaves unfinished, which nothing reads."""
    return {path.name for path in folder.iterdir() if path.suffix != ".tmp"}


def killed_at(call: int, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export of `new`, of which nothing happens from some move on."""
    calls = 0

    def dying(*paths: Any) -> None:
        nonlocal calls
        calls += 1
        if calls >= call:
            raise Killed
        move(*paths)

    with monkeypatch.context() as patch:
        patch.setattr(nas.handover.placing, "move", dying)
        with pytest.raises(Killed):
            exported(target, b"new")


@pytest.mark.parametrize("call", [1, 2])
def test_an_earlier_export_comes_back(call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "network"
    exported(target, b"old")
    before = contents(target)
    killed_at(call, target, monkeypatch)
    assert target.exists() == (call == 1)
    InFolder(target).check()
    assert contents(target) == before
    exported(target, b"newer")
    assert (target / "model.py").read_bytes() == b"newer"
    assert _beside(tmp_path) == {"network"}


def test_what_was_replaced_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "network"
    exported(target, b"old")
    killed_at(2, target, monkeypatch)
    exported(target.with_name("other"), b"of another name")
    (tmp_path / ".network.notes.old").mkdir()
    (target.parent / ".network.01234567.old").mkdir()  # not an export
    others = {".network.notes.old", ".network.01234567.old", "other"}
    target.with_name("made").mkdir()
    Manifest(target.with_name("made")).write("model.py", b"new")
    move(target.with_name("made"), target)  # as if the process had been killed after both moves
    InFolder(target).check()
    assert _beside(tmp_path) == {"network", *others}
    assert (target / "model.py").read_bytes() == b"new"


def test_what_is_aside_stays_while_another_folder_is_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "network"
    exported(target, b"old")
    killed_at(2, target, monkeypatch)
    target.mkdir()
    (target / "mine").touch()
    with pytest.raises(UsageError, match="holds other files"):
        InFolder(target).check()
    (target / "mine").unlink()
    target.rmdir()
    InFolder(target).check()
    assert (target / "model.py").read_bytes() == b"old"
