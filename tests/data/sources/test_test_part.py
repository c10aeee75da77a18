"""A test part from a file or a folder of its own, for each source that has one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data import from_table, load_data
from nas.data.assemble import RawPart
from nas.data.sources.test_part import check_pair, with_test
from nas.errors import UsageError
from tests.data.sounds import write_classes
from tests.data.sources.test_images import write_images

PART = RawPart(np.zeros((2, 1)), [0, 1])


def test_one_test_part() -> None:
    assert list(with_test({"train": PART, "val": PART}, {"train": PART}, "b")) == ["train", "val", "test"]
    with pytest.raises(UsageError, match=r"^test: there is a test part already, so b cannot be another$"):
        with_test({"train": PART, "test": PART}, {"train": PART}, "b")
    with pytest.raises(UsageError, match=r"^test: b has parts of its own, train, val; expected test samples alone$"):
        with_test({"train": PART}, {"train": PART, "val": PART}, "b")


def test_two_of_a_kind(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("")
    with pytest.raises(UsageError, match=r"^test: .* is a folder, and .*a\.csv is a file; expected two of a kind$"):
        check_pair(tmp_path, tmp_path / "a.csv")
    with pytest.raises(UsageError, match=r"^test: there is no file or folder .*none$"):
        check_pair(tmp_path, tmp_path / "none")
    check_pair(tmp_path, None)


def _rows(name: str, folder: Path, lines: list[str], header: str) -> Path:
    (folder / name).write_text("\n".join([header, *lines]), encoding="utf-8")
    return folder / name


def _table(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    lines = [f"{place % 7},{'ab'[place % 2]},{'ja' if place % 3 else 'no'}" for place in range(30)]
    train = _rows("a.csv", folder, lines, "size,town,y")
    return train, _rows("b.csv", folder, ["no,c,0.5,7", "ja,a,?,7"], "y,town,size,more"), {}


def _texts(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    lines = [f"the text number {place} says {'good' if place % 2 else 'bad'},{place % 2}" for place in range(30)]
    train = _rows("a.csv", folder, lines, "body,y")
    return train, _rows("b.csv", folder, ["1,NA", "0,all of it is bad"], "y,body"), {}


def _text_files(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    for part, count in (("a", 10), ("b", 1)):
        for name in ("good", "bad"):
            (folder / part / name).mkdir(parents=True)
            for place in range(count):
                (folder / part / name / f"{place}.txt").write_text(f"this one is {name}, I say")
    return folder / "a", folder / "b", {}


def _images(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    write_images(folder / "a")
    write_images(folder / "b", count=1)
    return folder / "a", folder / "b", {}


def _listed_images(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    write_images(folder / "all")
    files = [f"{name}/{place}.png,{name}" for name in ("cat", "dog") for place in range(10)]
    train = _rows("a.csv", folder, files[:9] + files[10:19], "file,kind")
    names = [line.rpartition(",") for line in (files[9], files[19])]
    test = _rows("b.csv", folder, [f"{kind},{file}" for file, _, kind in names], "kind,file")
    return train, test, {"folder": folder / "all"}


def _sounds(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    pytest.importorskip("soundfile")
    return write_classes(folder / "a"), write_classes(folder / "b"), {}


@pytest.mark.parametrize(
    ("source", "write"),
    [
        ("table", _table),
        ("texts", _texts),
        ("texts", _text_files),
        ("images", _images),
        ("images", _listed_images),
        ("sounds", _sounds),
    ],
)
def test_all_samples_of_the_other_are_the_test_part(source: str, write: Callable[..., Any], tmp_path: Path) -> None:
    path, test, settings = write(tmp_path)
    data = load_data(source, path=path, test=test, **settings)
    alone = load_data(source, path=path, test_share=None, **settings)
    assert data.test is not None
    assert len(data.test) == (10 if source == "sounds" else 2)
    assert np.array_equal(data.train.targets, alone.train.targets)
    assert len(data.val) == len(alone.val)
    assert data.preparation == alone.preparation or source == "table"  # of which one says whether values are missing
    bare = load_data(str(path), test=test, **settings)  # as `data: {a.csv: {test: b.csv}}`
    assert bare.fingerprint == data.fingerprint
    with pytest.raises(UsageError, match=r"^test: there is no|there is no such file"):
        load_data(source, path=path, test=tmp_path / "none", **settings)


def test_a_table_reads_its_test_rows_by_what_the_training_rows_say(tmp_path: Path) -> None:
    path, test, _ = _table(tmp_path)
    data = load_data("table", path=path, test=test)
    assert data.test is not None
    assert data.test.targets.tolist() == [1, 0]
    assert data.test.inputs.tolist() == [[0.5, 0], [3, 1]], "c has the code 0, and 3 is the median"
    assert "'town' has a value in b.csv that a.csv does not have, with the code 0: 'c'" in data.notes
    assert data.name_of("test", 0) == "b.csv, line 2"
    test.write_text("town,size\na,1\n")
    with pytest.raises(
        UsageError, match=r"b\.csv lacks the column 'y', which a\.csv has; rows without a target are for `nas"
    ):
        load_data("table", path=path, test=test)
    test.write_text("town,size,y\na,1,no\nb,big,ja\n")
    with pytest.raises(UsageError, match=r"^b\.csv, line 3: column 'size': expected a number, got 'big'$"):
        load_data("table", path=path, test=test)
    assert len(load_data("table", path=path, test=test, on_error="skip", skip_share=0.5).test or ()) == 1
    test.write_text("town,size,y\na,1,maybe\n")
    with pytest.raises(UsageError, match="maybe"):
        load_data("table", path=path, test=test)


def test_a_table_in_memory() -> None:
    table = {"size": [5, 4, 3] * 4, "town": ["a", "b", "c"] * 4, "price": [place * 1.5 for place in range(12)]}
    data = from_table(table, target="price", test={"price": [1, 2], "town": ["a", "z"], "size": [5, 6]})
    assert data.test is not None
    assert data.test.inputs.tolist() == [[5, 1], [6, 0]]
    assert len(data.train) + len(data.val) == 12
    with pytest.raises(
        UsageError, match=r"^test: column 'size': expected numbers, which table has, got 'big' in row 0$"
    ):
        from_table(table, test={"price": [1], "town": ["a"], "size": ["big"]})
    with pytest.raises(UsageError, match=r"^test lacks the column 'town', which table has"):
        from_table(table, test={"price": [1], "size": [3]})
