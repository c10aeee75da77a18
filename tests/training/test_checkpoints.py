"""The folder of paused trainings."""

import os
import pickle
import socket
from pathlib import Path

import pytest

from nas.errors import StorageError
from nas.files import sha256
from nas.training import Checkpoints


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "below" / "checkpoints"
    checkpoints = Checkpoints(folder)
    assert checkpoints.load("aa", 9) is None
    checkpoints.drop("aa")
    checkpoints.clear()
    assert not folder.parent.exists()
    checkpoints.save("aa", 3, b"three")
    checkpoints.save("bb", 1, b"one")
    assert _files(folder) == [f"aa-3-{sha256(b'three')}.safetensors", f"bb-1-{sha256(b'one')}.safetensors"]
    assert [checkpoints.load("aa", epochs) for epochs in (2, 3, 9)] == [None, b"three", b"three"]
    checkpoints.save("aa", 9, b"nine")
    checkpoints.save("aa", 9, b"nine")
    assert _files(folder) == [f"aa-9-{sha256(b'nine')}.safetensors", f"bb-1-{sha256(b'one')}.safetensors"]
    checkpoints.drop("aa")
    assert _files(folder) == [f"bb-1-{sha256(b'one')}.safetensors"]
    checkpoints.clear()
    assert not folder.exists()


@pytest.mark.parametrize("damaged", [b"", b"on", b"onf", b"one "])
def test_a_corrupt_file_is_thrown_away(damaged: bytes, tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save("aa", 1, b"one")
    (file,) = tmp_path.iterdir()
    file.write_bytes(damaged)
    assert checkpoints.load("aa", 1) is None
    assert _files(tmp_path) == []


def test_before_a_corrupt_file_an_earlier_one(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save("aa", 3, b"three")
    earlier = tmp_path / f"aa-1-{sha256(b'one')}.safetensors"  # a kill may leave it
    earlier.write_bytes(b"one")
    next(tmp_path.glob("aa-3-*")).write_bytes(b"thre")
    assert checkpoints.load("aa", 9) == b"one"


def test_the_oldest_go_where_there_are_too_many(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, most_bytes=10)
    for number, name in enumerate(("aa", "bb", "cc")):
        checkpoints.save(name, 1, name.encode() * 2)
        os.utime(next(tmp_path.glob(f"{name}-*")), (number, number))
    assert [checkpoints.load(name, 1) for name in ("aa", "bb", "cc")] == [None, b"bbbb", b"cccc"]
    checkpoints.save("dd", 1, b"d" * 11)
    assert [checkpoints.load(name, 1) for name in ("bb", "cc", "dd")] == [None, None, b"d" * 11]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be made"):
        Checkpoints(tmp_path / "file" / "below").save("aa", 1, b"one")


def test_a_file_that_another_process_has_just_deleted(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    (tmp_path / f"gone-1-{'0' * 64}.safetensors").symlink_to(tmp_path / "nowhere")
    assert checkpoints.load("gone", 1) is None
    checkpoints.save("other", 1, b"content")
    assert checkpoints.load("other", 1) == b"content"


def test_a_machine_without_the_folder_around_it_stores_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside, elsewhere = Checkpoints(tmp_path / "here"), Checkpoints(tmp_path / "nowhere" / "here")
    sent = [pickle.dumps(one) for one in (beside, elsewhere)]
    monkeypatch.setattr(socket, "gethostname", lambda: "another")
    for content in sent:
        there: Checkpoints = pickle.loads(content)  # noqa: S301  of this test
        there.save("aa", 1, b"one")
        there.drop("bb")
    assert (beside.load("aa", 1), elsewhere.load("aa", 1)) == (b"one", None)
    assert not elsewhere.folder.parent.exists()
