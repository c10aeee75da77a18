"""The space that a file names: by its path, by its name, or as the one that suits the data."""

from pathlib import Path

import numpy as np
import pytest

from nas.data import Dataset, from_arrays, load_data
from nas.document import parse_document
from nas.errors import UsageError
from nas.evaluate.evaluation import PARTS
from nas.evaluate.space_of import SpaceFile, SpaceName, load_for, space_of
from nas.settings import Reader
from nas.space.shipped import space_file


def read(text: str, folder: Path) -> tuple[object, list[str]]:
    """What a value of `space:` means, and the problems."""
    reader = Reader(folder / "run.yaml", PARTS)
    found = SpaceFile().read(reader, parse_document(text), SpaceName, "space")
    return found, [f"{one.path}: {one.message}" for one in reader.problems]


def images(side: int) -> Dataset:
    rng = np.random.default_rng(0)
    return from_arrays(rng.random((8, 3, side, side + 1)), np.arange(8) % 2, val_share=0.5)


def test_a_name_a_file_and_auto(tmp_path: Path) -> None:
    assert read("digits_cnn", tmp_path) == (space_file("digits_cnn"), [])
    assert read("auto", tmp_path) == ("auto", [])
    (tmp_path / "digits_cnn").touch()
    assert read("digits_cnn", tmp_path) == (tmp_path / "digits_cnn", [])


def test_what_names_no_space(tmp_path: Path) -> None:
    (problem,) = read("digit_cnn", tmp_path)[1]
    assert problem.startswith("space: no space of Archwright is named 'digit_cnn'; there are audio_cnn, ")
    assert problem.endswith("; did you mean 'digits_cnn'?")
    (problem,) = read("spaces/digits_cnn.yaml", tmp_path)[1]
    assert problem == (
        f"space: there is no file {tmp_path}/spaces/digits_cnn.yaml; did you mean 'digits_cnn', a space of Archwright?"
    )
    assert len(read("[3]", tmp_path)[1]) == 1


def test_the_space_that_suits_the_data() -> None:
    assert space_of("auto", load_data("digits")) == (
        space_file("digits_cnn"),
        "The space is digits_cnn, because the data are images of 1×8×8",
    )
    assert load_for("auto", images(30)).name == "image_cnn"
    assert space_of(Path("textcnn"), images(30)) == (space_file("textcnn"), "")


def test_a_space_for_other_data() -> None:
    with pytest.raises(
        UsageError, match=r"^textcnn is for texts, and the data are images of 3×8×9; spaces for images: "
    ):
        load_for(Path("textcnn"), images(8))
