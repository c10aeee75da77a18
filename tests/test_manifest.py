"""A manifest detects every change to the files of a folder, and contains no names outside it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nas.errors import IntegrityError, UsageError
from nas.files import make_folder, sha256, write_bytes
from nas.manifest import MANIFEST, Manifest, inside


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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
from nas.manifest import Manifest
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
