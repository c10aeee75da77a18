"""Columns of data sets of Hugging Face."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data.reading.huggingface import read_splits
from nas.errors import UsageError

datasets: Any = pytest.importorskip("datasets")


def _with_paths(*paths: str) -> Any:
    """Images that are paths, as the package makes them from folders, with labels."""
    structure = datasets.Features({"image": {"bytes": datasets.Value("binary"), "path": datasets.Value("string")}})
    columns = {"image": [{"bytes": None, "path": path} for path in paths]}
    images = datasets.Dataset.from_dict(columns, features=structure)
    images = images.cast(datasets.Features({"image": datasets.Image(decode=False)}))
    return images.add_column("label", list(range(len(paths))))


def test_paths_of_images_stay_in_the_folder(tmp_path: Path) -> None:
    inside = str(tmp_path / "a" / "1.png")
    found = read_splits("some", {"all": _with_paths(inside)}, input=None, target=None, folder=tmp_path)
    assert (found.kind, found.classes, found.notes) == ("image", None, ())
    assert found.parts["train"].inputs.tolist() == [Path(inside)]
    for outside in ("/etc/hostname", str(tmp_path / "a" / ".." / ".." / "x"), ""):
        splits = {"train": _with_paths(inside, outside)}
        with pytest.raises(UsageError, match=r"some, train: row 1: the image .* is outside of the folder"):
            read_splits("some", splits, input=None, target=None, folder=tmp_path)
        assert len(read_splits("some", splits, input=None, target=None, folder=None).parts["train"].inputs) == 2


def test_texts_and_values(tmp_path: Path) -> None:
    split = datasets.Dataset.from_dict({"text": ["a", "b"], "id": [0, 1], "score": [0.5, 1.5]})
    found = read_splits("some", {"Train": split, "dev": split, "other": split}, input=None, target=None, folder=None)
    assert (found.kind, list(found.parts)) == ("text", ["train", "val"])
    assert np.array_equal(found.parts["train"].targets, [0.5, 1.5])
    assert found.notes == ("The split 'other' of 2 samples is not a part, and is left out",)
    gaps = datasets.Dataset.from_dict({"text": ["a", None], "score": [0.5, 1.5]})
    with pytest.raises(UsageError, match="some, train: row 1 has no text"):
        read_splits("some", {"train": gaps}, input=None, target=None, folder=None)
