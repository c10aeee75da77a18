"""Chest X-rays of 28×28 pixels (PneumoniaMNIST, Kermany et al. 2018), read in every form that their pixels can have.

The archive is not part of the project. The environment variable ARCHWRIGHT_TEST_DATA names a folder that holds it as
`vision/pneumoniamnist.npz`.
"""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nas.data import Dataset, from_images, load_data
from tests.data.reading.test_idx_file import idx_bytes

VARIABLE = "ARCHWRIGHT_TEST_DATA"
NAMES = ["normal", "pneumonia"]


@pytest.fixture(scope="module")
def archive() -> Path:
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"the environment variable {VARIABLE} names no folder with data sets")
    path = Path(folder) / "vision" / "pneumoniamnist.npz"
    if not path.is_file():
        pytest.skip(f"there is no file {path}")
    return path


@pytest.fixture(scope="module")
def whole(archive: Path) -> Dataset:
    return load_data("auto", path=archive, classes=NAMES)


def test_the_archive(whole: Dataset) -> None:
    assert whole.test is not None
    assert (whole.name, whole.shape, whole.outputs) == ("pneumoniamnist", (1, 28, 28), tuple(NAMES))
    counts = [np.bincount(part.targets).tolist() for part in (whole.train, whole.val, whole.test)]
    assert counts == [[1214, 3494], [135, 389], [234, 390]]  # as published


def test_a_folder_an_idx_folder_and_a_list_of_the_same_images(whole: Dataset, tmp_path: Path) -> None:
    """200 of them: the classes of a folder come one after the other, so the samples are compared, not their order."""
    assert whole.test is not None
    pixels, labels = whole.test.inputs[:200, 0], whole.test.targets[:200]
    for place, (image, label) in enumerate(zip(pixels, labels, strict=True)):
        folder = tmp_path / "folder" / NAMES[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{place}.png")
    official = tmp_path / "official"
    official.mkdir()
    for what, array in (("images", pixels), ("labels", labels.astype(np.uint8))):
        file = official / f"train-{what}-idx{array.ndim}-ubyte.gz"
        file.write_bytes(gzip.compress(idx_bytes(array), 1))
    read = [
        load_data("images", path=tmp_path / "folder", test_share=None),
        load_data("idx", path=official, classes=NAMES),
        from_images(list(pixels), [NAMES[label] for label in labels]),
    ]
    expected = sorted((NAMES[label], image.tobytes()) for image, label in zip(pixels, labels, strict=True))
    for data in read:
        assert (data.shape, data.outputs) == ((1, 28, 28), tuple(NAMES))
        parts = (data.train, data.val)
        found = [(NAMES[label], image.tobytes()) for part in parts for image, label in zip(*part, strict=True)]
        assert sorted(found) == expected
