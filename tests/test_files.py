"""Files appear whole or not at all, and a manifest notices every change."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nas.errors import IntegrityError, StorageError, UsageError
from nas.files import (
    MANIFEST,
    Manifest,
    inside,
    make_folder,
    read_bytes,
    remove,
    remove_folder,
    sha256,
    write_bytes,
    write_text,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fails(*args: object, **kwargs: object) -> None:
    raise OSError(28, "No space left on device")


def test_write_and_read(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    write_bytes(path, b"one")
    write_bytes(path, b"\0two\xff")
    assert read_bytes(path) == b"\0two\xff"
    write_text(str(path), "drei – µ\n")
    assert path.read_text(encoding="utf-8") == "drei – µ\n"
    assert names(tmp_path) == ["a.bin"]


def test_remove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bytes(tmp_path / "a", b"one")
    write_bytes(make_folder(tmp_path / "b") / "c", b"two")
    for _ in range(2):  # what is not there need not be removed
        remove(tmp_path / "a")
        remove_folder(str(tmp_path / "b"))
        assert names(tmp_path) == []
    write_bytes(make_folder(tmp_path / "b") / "c", b"two")
    monkeypatch.setattr(Path, "unlink", fails)
    monkeypatch.setattr("shutil.rmtree", fails)
    with pytest.raises(StorageError, match="c cannot be removed: No space left on device"):
        remove(tmp_path / "b" / "c")
    with pytest.raises(StorageError, match="b cannot be removed"):
        remove_folder(tmp_path / "b")


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "a", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_file_and_folder_are_flushed_around_the_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    flush, move = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        calls.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")  # noqa: PTH112
        flush(descriptor)

    def replace(source: Path, target: Path) -> None:
        calls.append("move")
        move(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_bytes(tmp_path / "a", b"new")
    assert calls == ["file", "move", "folder"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_what_was_there(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.bin"
    write_bytes(path, b"old")
    monkeypatch.setattr(os, step, fails)
    with pytest.raises(StorageError, match=r"a\.bin cannot be written: No space left on device"):
        write_bytes(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_an_interrupt_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "a", b"new")
    assert names(tmp_path) == []


def test_errors_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"missing/a cannot be written: No such file"):
        write_bytes(tmp_path / "missing" / "a", b"")
    with pytest.raises(StorageError, match=r"b cannot be read: No such file"):
        read_bytes(tmp_path / "b")
    write_bytes(tmp_path / "file", b"")
    with pytest.raises(StorageError, match=r"file/folder cannot be made: Not a directory"):
        make_folder(tmp_path / "file" / "folder")


def test_make_folder(tmp_path: Path) -> None:
    assert make_folder(tmp_path / "a" / "b") == make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/../../b", "/etc/passwd", "a\\b", "C:a", "a\0b"])
def test_names_that_leave_the_folder_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        inside(tmp_path, name)
    with pytest.raises(UsageError):
        Manifest(tmp_path).write(name, b"")
    with pytest.raises(UsageError):
        Manifest(tmp_path).read(name)
    assert names(tmp_path) == []


def test_links_that_leave_the_folder_are_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "run")
    (folder / "out").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="leads out of"):
        Manifest(folder).write("out/a", b"")
    assert inside(folder, "in/a") == folder / "in" / "a"


def test_manifest_keeps_hash_and_size(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.verify()
    assert list(manifest) == []
    assert manifest.write("model.bin", b"12345") == tmp_path / "model.bin"
    manifest.write("final/a.txt", b"")
    manifest.write("model.bin", b"123")
    assert list(manifest) == ["final/a.txt", "model.bin"]
    assert "model.bin" in manifest
    assert "other" not in manifest
    assert manifest.read("model.bin") == b"123"
    assert manifest.read("final/a.txt") == b""
    manifest.verify()
    stored = json.loads((tmp_path / MANIFEST).read_text())
    assert stored["files"]["model.bin"] == [{"sha256": sha256(b"123"), "size": 3}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"12345678", r"model\.bin is corrupt: expected 9 bytes, got 8"),
        (b"", r"model\.bin is corrupt: expected 9 bytes, got 0"),
        (b"123456780", r"model\.bin was altered: expected SHA-256 15e2b0d3.*, got "),
        (None, r"model\.bin is missing"),
    ],
)
def test_manifest_notices_damage(content: bytes | None, message: str, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.write("model.bin", b"123456789")
    path = tmp_path / "model.bin"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(IntegrityError, match=message):
        manifest.verify()
    with pytest.raises(IntegrityError, match=message):
        manifest.read("model.bin")
    assert (path.read_bytes() if path.exists() else None) == content


def test_manifest_reads_only_what_it_knows(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"")
    with pytest.raises(IntegrityError, match=r"a is not in .*manifest\.json"):
        Manifest(tmp_path).read("a")
    with pytest.raises(UsageError, match="manifest itself"):
        Manifest(tmp_path).write(MANIFEST, b"{}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"files": []}',
        '{"files": {"a": 1}}',
        '{"files": {"a": [{"size": 1}]}}',
        '{"files": {"../a": []}}',
        '{"files": {"/a": []}}',
        '{"files": {"manifest.json": []}}',
        "\udcff",
        "[" * 100_000,
    ],
    ids=range(11),
)
def test_a_damaged_manifest_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(text.encode(errors="surrogateescape"))
    for act in (lambda: Manifest(tmp_path).verify(), lambda: Manifest(tmp_path).write("a", b"")):
        with pytest.raises(IntegrityError, match=r"manifest\.json is corrupt"):
            act()
    assert names(tmp_path) == [MANIFEST]


KILLED = """
import os, signal, sys
from pathlib import Path
from nas.files import Manifest
manifest = Manifest(sys.argv[1])
manifest.write("a", b"old")
moves, move = 0, os.replace
def replace(source, target):
    global moves
    if moves == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    moves += 1
    move(source, target)
os.replace = replace
manifest.write("a", b"new")
"""


@pytest.mark.parametrize(("moves", "content"), [(0, b"old"), (1, b"old"), (2, b"new"), (3, b"new")])
def test_a_kill_while_a_file_is_replaced_leaves_nothing_corrupt(moves: int, content: bytes, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(moves)], check=False)
    assert done.returncode == (-9 if moves < 3 else 0)
    manifest = Manifest(tmp_path)
    assert manifest.read("a") == content
    manifest.verify()
    manifest.write("a", b"newer")
    assert manifest.read("a") == b"newer"
    assert len(json.loads((tmp_path / MANIFEST).read_text())["files"]["a"]) == 1
