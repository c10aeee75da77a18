"""Files appear whole or not at all, and a manifest notices every change."""

import os
from pathlib import Path

import pytest

from nas.errors import StorageError
from nas.files import make_folder, read_bytes, remove, remove_folder, write_bytes, write_text, written


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


def test_a_file_that_is_written_piece_by_piece(tmp_path: Path) -> None:
    """It is there when it is complete, whatever ends the writing."""
    write_bytes(tmp_path / "a", b"old")
    with written(tmp_path / "a") as file:
        file.write(b"ne")
        file.write(b"w")
        assert (tmp_path / "a").read_bytes() == b"old"
    assert (tmp_path / "a").read_bytes() == b"new"

    def half(error: type[BaseException]) -> None:
        with written(tmp_path / "a") as file:
            file.write(b"half")
            raise error

    for error in (ValueError, KeyboardInterrupt, GeneratorExit):
        with pytest.raises(error):
            half(error)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"new"


def test_only_files_are_replaced(tmp_path: Path) -> None:
    """A pipe or a device, such as /dev/null, is not."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, kind in (("pipe", "a device or a pipe"), ("folder", "a folder")):
        with (
            pytest.raises(StorageError, match=f"{name} cannot be written: it is {kind}"),
            written(tmp_path / name),
        ):
            pytest.fail("nothing is to be written")
    assert names(tmp_path) == ["folder", "pipe"]
    assert (tmp_path / "pipe").is_fifo()
