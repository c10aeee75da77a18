"""The names of samples."""

from pathlib import Path

import numpy as np

from nas.data.columns import Columns
from nas.data.origin import origin_of
from nas.data.preparation.raw_images import RawImages


def test_files_are_named_by_their_paths_below_the_folder_that_they_share() -> None:
    raw = RawImages.of([Path("a/pets/cat/1.png"), Path("a/pets/dog/2.png")])
    origin = origin_of(raw, 2, "row", None)
    assert [origin.name(place) for place in range(2)] == ["cat/1.png", "dog/2.png"]
    assert origin.path(1) == Path("a/pets/dog/2.png")


def test_images_in_memory_keep_their_names_and_have_no_path() -> None:
    origin = origin_of(RawImages.of([np.zeros((2, 2), np.uint8)] * 2)[np.array([1])], 2, "row", np.array([1]))
    assert (origin.name(0), origin.path(0)) == ("image 1", None)


def test_rows_of_a_table_have_the_numbers_of_its_lines() -> None:
    columns = Columns({"a": np.zeros(2)}, "t.csv", np.array([7, 9]), "line")
    assert origin_of(columns, 5, "row", np.array([3, 4])).name(1) == "line 9"


def test_arrays_are_numbered_as_they_were_given() -> None:
    origin = origin_of(np.zeros((2, 1)), 5, "train row", np.array([4, 1]))
    assert [origin.name(place) for place in range(2)] == ["train row 4", "train row 1"]
    assert origin_of(np.zeros((3, 1)), 3, "row", None).name(2) == "row 2"
