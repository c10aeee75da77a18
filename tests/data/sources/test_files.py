"""Labelled files of a kind that is for these tests: files of numbers."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data.preparation.raw_images import RawImages
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.data.sources.files import Files, FileType, assemble_files, find_files
from nas.data.split import Split
from nas.errors import UsageError
from tests.data.counting import Numbered


def _check(raw: RawImages, place: int) -> None:
    if not raw.items[place].read_text():
        raise UsageError(f"{raw.names[place]}: the file is empty")


def _raw(paths: Sequence[Path]) -> RawImages:
    return RawImages.of(paths)


NUMBERS = FileType("numbers", (".num",), _raw, _check)


class Read(Numbered):
    """Numbers in files."""

    def __call__(self, raw: Any, out: Any = None) -> Any:
        return super().__call__(np.array([int(path.read_text()) for path in raw.items]), out)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = ["file,word"]
    for place in range(10):
        word = ("even", "odd")[place % 2]
        path = tmp_path / "words" / word / f"{place}.num"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(place))
        rows.append(f"{word}/{place}.num,{word}")
    (tmp_path / "words" / "list.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path / "words"


def fit_to(folder: Path) -> Callable[[Any], Read]:
    return lambda _: Read(str(folder / "log"))


def found(path: Path, *, roles: Roles = Roles(), **options: Any) -> Any:
    return find_files(Files(path, **options), NUMBERS, roles=roles, skipping=Skipping(), task="auto", classes=None)


def test_a_folder_and_a_table_list_the_same(folder: Path) -> None:
    listed, folders = found(folder / "list.csv"), found(folder)
    assert (listed.name, folders.name) == ("list", "words")
    assert listed.target_names == ("word",)
    pairs = [
        {
            str(path): label
            for path, label in zip(one.parts["train"].inputs.items, one.parts["train"].targets, strict=True)
        }
        for one in (listed, folders)
    ]
    assert pairs[0] == pairs[1]


def test_columns_are_those_of_tables(folder: Path) -> None:
    for options in ({"path_column": "file"}, {"folder": folder}, {"roles": Roles("word")}):
        with pytest.raises(UsageError, match="is a folder, whose folders are the classes: it has no columns to name"):
            found(folder, **options)


def test_what_cannot_be_read_is_left_out_and_does_not_share_an_entry_of_the_cache(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("nas.data.prepared.WORTH", -1.0)

    def made(skipping: Skipping) -> Any:
        return assemble_files(found(folder), NUMBERS, fit_to(tmp_path), "settings", Split(0.3, None), skipping)

    whole = made(Skipping())
    assert len(list((tmp_path / "cache" / "prepared").iterdir())) == 1
    (folder / "even" / "4.num").write_text("")
    rest = made(Skipping("skip", 0.5))
    assert len(whole.train) + len(whole.val) == 10
    assert len(rest.train) + len(rest.val) == 9
    assert rest.notes[0].startswith("1 of 10 numbers cannot be read")
    assert len(list((tmp_path / "cache" / "prepared").iterdir())) == 2


def test_without_a_cache_no_file_is_hashed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", "")
    monkeypatch.setattr("nas.data.sources.files.content_of", None)
    assert len(assemble_files(found(folder), NUMBERS, fit_to(tmp_path), "settings", Split(0.3, None)).train) == 7
