"""The names of samples."""

from pathlib import Path

import numpy as np

import nas
from nas.data import load_data
from nas.data.origin import Origin, origin_of
from nas.data.preparation.raw_images import RawImages

ROWS = Origin("train row", np.arange(5))


def test_files_are_named_by_their_paths_below_the_folder_that_they_share() -> None:
    raw = RawImages.of([Path("a/pets/cat/1.png"), Path("a/pets/dog/2.png")])
    origin = origin_of(raw, ROWS)
    assert [origin.name(place) for place in range(2)] == ["cat/1.png", "dog/2.png"]
    assert origin.path(1) == Path("a/pets/dog/2.png")


def test_images_in_memory_keep_their_names_and_have_no_path() -> None:
    origin = origin_of(RawImages.of([np.zeros((2, 2), np.uint8)] * 2)[np.array([1])], ROWS)
    assert (origin.name(0), origin.path(0)) == ("image 1", None)


def test_rows_of_a_table_have_the_numbers_of_its_lines(tmp_path: Path) -> None:
    rows = "".join(f"{place % 5},{place / 3}\n\n" for place in range(9))
    (tmp_path / "t.csv").write_text(f"a,b\n{rows}", "utf-8")
    data = load_data("table", path=tmp_path / "t.csv")
    assert data.val.inputs[0, 0] == (int(data.name_of("val", 0).removeprefix("line ")) - 2) / 2 % 5
    other = load_data("table", path=tmp_path / "t.csv", test=tmp_path / "t.csv")
    assert other.name_of("test", 8) == "t.csv, line 18"


def test_arrays_are_numbered_as_they_were_given() -> None:
    assert origin_of(np.zeros((2, 1)), ROWS) is ROWS
    assert ROWS.name(1) == "train row 1"


def test_texts_of_a_table_have_the_numbers_of_its_lines(tmp_path: Path) -> None:
    lines = [f"the word is number {place},{'ab'[place % 2]}" for place in range(12)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    data = load_data("texts", path=tmp_path / "t.csv")
    held = data.raws["val"]
    assert isinstance(held, np.ndarray)
    line = int(data.name_of("val", 1).removeprefix("line "))
    assert held[1] == lines[line - 2].partition(",")[0]


def test_parts_that_were_given_have_rows_of_their_own() -> None:
    inputs = np.arange(8, dtype=np.float32)[:, None]
    given = nas.from_arrays(inputs, [0, 1] * 4, val=(inputs[:2], [0, 1]))
    assert (given.name_of("train", 5), given.name_of("val", 1)) == ("train row 5", "val row 1")
    split = nas.from_arrays(inputs, [0, 1] * 4)
    place = int(split.name_of("val", 0).removeprefix("row "))
    assert split.val.inputs[0, 0] == place
