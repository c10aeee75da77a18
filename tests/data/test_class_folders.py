"""Folders of classes: which files are found, as which class and part, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nas.data.class_folders import class_folders, has_class_folders
from nas.errors import StorageError, UsageError

SUFFIXES = (".wav", ".flac")


def _write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_each_folder_is_a_class(tmp_path: Path) -> None:
    _write(tmp_path, "dog/b.wav", "dog/a.WAV", "dog/deep/c.flac", "cat/x.flac", "dog/.hidden.wav", ".git/z.wav")
    _write(tmp_path, "dog/notes.txt", "cat/Makefile", "README.md")
    found = class_folders(tmp_path, SUFFIXES, "sounds")
    files = found.parts["train"]
    assert [str(path.relative_to(tmp_path)) for path in files.paths] == [
        "cat/x.flac",
        "dog/a.WAV",
        "dog/b.wav",
        "dog/deep/c.flac",
    ]
    assert files.labels == ("cat", "dog", "dog", "dog")
    assert list(found.parts) == ["train"]
    assert found.notes == ("2 files in folders of classes are no sounds (.wav, .flac), and are ignored: .txt, none",)
    assert has_class_folders(tmp_path, SUFFIXES)
    assert not has_class_folders(tmp_path, (".png",))


def test_folders_of_parts(tmp_path: Path) -> None:
    _write(tmp_path, "train/dog/1.wav", "train/cat/2.wav", "Validation/dog/3.wav", "test/dog/4.wav")
    found = class_folders(tmp_path, SUFFIXES, "sounds")
    assert {part: files.labels for part, files in found.parts.items()} == {
        "train": ("cat", "dog"),
        "val": ("dog",),
        "test": ("dog",),
    }
    assert has_class_folders(tmp_path, SUFFIXES)
    _write(tmp_path, "val/dog/3.wav")
    with pytest.raises(UsageError, match=r"two folders of one part: Validation, test, train, val$"):
        class_folders(tmp_path, SUFFIXES, "sounds")


def test_names_of_parts_beside_others_are_classes(tmp_path: Path) -> None:
    _write(tmp_path, "train/1.wav", "bus/2.wav", "test/3.wav")
    assert class_folders(tmp_path, SUFFIXES, "sounds").parts["train"].labels == ("bus", "test", "train")


def test_folders_beside_those_of_parts_are_refused(tmp_path: Path) -> None:
    _write(tmp_path, "train/dog/1.wav", "test/dog/4.wav", "unlabelled/x/5.wav")
    with pytest.raises(UsageError, match=r"has folders of parts, test, train, and others: unlabelled; expected either"):
        class_folders(tmp_path, SUFFIXES, "sounds")


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    _write(tmp_path / "elsewhere", "one.wav")
    _write(tmp_path / "data", "dog/a.wav")
    (tmp_path / "data" / "cat").symlink_to(tmp_path / "elsewhere")
    assert class_folders(tmp_path / "data", SUFFIXES, "sounds").parts["train"].labels == ("cat", "dog")
    (tmp_path / "data" / "dog" / "again").symlink_to(tmp_path / "data")
    with pytest.raises(UsageError, match=r"dog/again is a link to a folder that contains it, "):
        class_folders(tmp_path / "data", SUFFIXES, "sounds")
    (tmp_path / "data" / "dog" / "again").unlink()
    (tmp_path / "data" / "dog" / "self").symlink_to(tmp_path / "data" / "dog" / "self")
    assert len(class_folders(tmp_path / "data", SUFFIXES, "sounds").parts["train"].paths) == 2


def _empty(root: Path) -> None:
    root.mkdir()


def _one_class_empty(root: Path) -> None:
    _write(root, "dog/a.wav", "cat/a.txt")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_empty, "{root} has no folders: expected one for each class, with sounds (.wav, .flac)"),
        (_one_class_empty, "{root}/cat: the folder of a class has no sounds (.wav, .flac)"),
    ],
)
def test_refusals(tmp_path: Path, make: Callable[[Path], None], message: str) -> None:
    make(tmp_path / "data")
    with pytest.raises(UsageError) as caught:
        class_folders(tmp_path / "data", SUFFIXES, "sounds")
    assert str(caught.value) == message.format(root=tmp_path / "data")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere: No such file or directory$"):
        class_folders(tmp_path / "nowhere", SUFFIXES, "sounds")
    assert not has_class_folders(tmp_path / "nowhere", SUFFIXES)
