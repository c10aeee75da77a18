"""Folders of class folders, as people have them."""

from pathlib import Path

import pytest

from nas.data.sources.class_folders import has_class_folders, read_class_folders
from nas.errors import StorageError, UsageError

SUFFIXES = (".png", ".jpg")


def _made(folder: Path, *files: str) -> Path:
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    _made(tmp_path, "dog/b.PNG", "dog/a.jpg", "cat/2/c.png", "cat/1.png", "cat/notes.txt", "cat/.hidden.png", ".git/x")
    _made(tmp_path, "readme.md")
    found = read_class_folders(tmp_path, SUFFIXES)
    assert list(found.parts) == ["train"]
    train = found.parts["train"]
    assert [file.relative_to(tmp_path).as_posix() for file in train.files] == [
        "cat/1.png",
        "cat/2/c.png",
        "dog/a.jpg",
        "dog/b.PNG",
    ]
    assert train.labels.tolist() == ["cat", "cat", "dog", "dog"]
    assert found.others == 1
    assert has_class_folders(tmp_path, SUFFIXES)
    assert not has_class_folders(tmp_path, (".wav",))


def test_a_folder_for_each_part(tmp_path: Path) -> None:
    _made(tmp_path, "Train/a/1.png", "Train/b/1.png", "valid/a/1.png", "test/b/1.png")
    found = read_class_folders(tmp_path, SUFFIXES)
    assert {part: files.labels.tolist() for part, files in found.parts.items()} == {
        "train": ["a", "b"],
        "val": ["a"],
        "test": ["b"],
    }
    assert has_class_folders(tmp_path, SUFFIXES)
    _made(tmp_path, "validation/a/1.png")
    with pytest.raises(UsageError, match="the folders valid and validation are both of the part val"):
        read_class_folders(tmp_path, SUFFIXES)
    assert not has_class_folders(tmp_path, SUFFIXES)


def test_a_class_may_be_called_like_a_part(tmp_path: Path) -> None:
    _made(tmp_path, "train/1.png", "car/1.png")
    assert set(read_class_folders(tmp_path, SUFFIXES).parts["train"].labels) == {"train", "car"}


def test_folders_that_are_not_of_this_kind(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        read_class_folders(tmp_path / "none", SUFFIXES)
    with pytest.raises(UsageError, match="expected a folder for each class, found none"):
        read_class_folders(_made(tmp_path / "flat", "a.png"), SUFFIXES)
    with pytest.raises(UsageError, match="there is no folder `train` beside val, test"):
        read_class_folders(_made(tmp_path / "parts", "val/a/a.png", "test/a/a.png"), SUFFIXES)
    empty = _made(tmp_path / "empty", "cat/a.png", "dog/a.txt")
    with pytest.raises(UsageError, match=r"empty/dog: the folder of a class has no files named \*\.png, \*\.jpg"):
        read_class_folders(empty, SUFFIXES)
    for path in (tmp_path / "none", tmp_path / "flat", tmp_path / "parts", tmp_path / "flat" / "a.png"):
        assert not has_class_folders(path, SUFFIXES)


def test_links_to_folders_are_followed_and_never_for_ever(tmp_path: Path) -> None:
    _made(tmp_path / "elsewhere", "1.png")
    data = _made(tmp_path / "data", "cat/1.png")
    (data / "dog").symlink_to(tmp_path / "elsewhere")
    assert read_class_folders(data, SUFFIXES).parts["train"].labels.tolist() == ["cat", "dog"]
    (data / "cat" / "again").symlink_to(data / "cat")
    with pytest.raises(UsageError, match="cat/again: this is a link to a folder that it is in"):
        read_class_folders(data, SUFFIXES)
    (data / "cat" / "again").unlink()
    (data / "cat" / "all").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="this is a link to a folder that it is in"):
        read_class_folders(data, SUFFIXES)


def test_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _made(tmp_path, "cat/1.png", "dog/1.png")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(StorageError, match="cannot be read: Permission denied"):
        read_class_folders(tmp_path, SUFFIXES)
    assert not has_class_folders(tmp_path, SUFFIXES)
