"""MNIST as it is downloaded."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from nas.data import load_data
from nas.data.sources.idx import idx
from nas.errors import IntegrityError, UsageError
from tests.data.reading.test_idx_file import idx_bytes

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (30, 5, 4), dtype=np.uint8)
LABELS = (np.arange(30) % 3).astype(np.uint8)


def _write(folder: Path, prefix: str = "", between: str = "-", end: str = "", test: str = "t10k") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for part, count in (("train", 20), (test, 10)):
        for what, array in (("images", IMAGES), ("labels", LABELS)):
            data = idx_bytes(array[-count:] if part == test else array[:count])
            name = f"{prefix}{part}-{what}{between}idx{array.ndim}-ubyte{end}"
            (folder / name).write_bytes(gzip.compress(data) if end else data)
    return folder


@pytest.mark.parametrize(
    ("folder", "options"),
    [
        ("mnist", {}),
        ("mnist", {"end": ".gz"}),
        ("mnist/raw", {}),
        ("mnist", {"between": ".", "test": "test"}),
        ("mnist", {"prefix": "emnist-letters-", "test": "test"}),
    ],
)
def test_official_names(folder: str, options: dict[str, str], tmp_path: Path) -> None:
    _write(tmp_path / folder, **options)
    data = load_data("auto", path=tmp_path / "mnist")
    assert data.notes == ("mnist is read as `idx`, because it has a file train-images-idx3-ubyte or the like",)
    assert data.test is not None
    assert (data.name, data.shape, data.outputs) == ("mnist", (1, 5, 4), ("0", "1", "2"))
    assert (len(data.train), len(data.val), len(data.test)) == (16, 4, 10)
    assert np.array_equal(data.test.inputs[:, 0], IMAGES[20:])
    assert np.array_equal(data.test.targets, LABELS[20:])
    assert data.train.inputs.dtype == np.uint8


def test_settings(tmp_path: Path) -> None:
    path = _write(tmp_path, prefix="emnist-letters-", test="test")
    data = idx(path=path, classes=["a", "b", "c"], transposed=True, val_share=0.5)
    assert data.test is not None
    assert (data.shape, data.outputs, len(data.val)) == ((1, 4, 5), ("a", "b", "c"), 10)
    assert np.array_equal(data.test.inputs[:, 0], IMAGES[20:].transpose(0, 2, 1))
    _write(tmp_path, prefix="emnist-digits-", test="test")
    with pytest.raises(UsageError, match=r"several data sets: emnist-digits, emnist-letters; name the four files"):
        idx(path=path)
    files = {
        f"{part}_{what}": f"emnist-digits-{part}-{what}-idx{axes}-ubyte"
        for part in ("train", "test")
        for what, axes in (("images", 3), ("labels", 1))
    }
    assert len(load_data("idx", path=path, **files).train) == 16


def test_what_is_missing_or_wrong(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none: there is no such folder"):
        idx(path=tmp_path / "none")
    with pytest.raises(UsageError, match="has no file of the train images; expected train-images-idx3-ubyte and the"):
        idx(path=tmp_path)
    path = _write(tmp_path / "mnist")
    with pytest.raises(UsageError, match="mine: there is no such file"):
        idx(path=path, train_images="mine")
    (path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(UsageError, match=r"has no file of the test labels; .* `test_labels: FILE`"):
        idx(path=path)
    (path / "t10k-images-idx3-ubyte").unlink()
    assert idx(path=path).test is None
    labels = path / "train-labels-idx1-ubyte"
    labels.write_bytes(idx_bytes(LABELS[:9]))
    with pytest.raises(UsageError, match=r"train-labels-idx1-ubyte: expected a label for each of 20 images, got shape"):
        idx(path=path)
    with pytest.raises(UsageError, match=r"expected images of shape \(N, H, W\), got \(9,\)"):
        idx(path=path, train_images=labels.name)
    labels.write_bytes(b"")
    with pytest.raises(IntegrityError, match="train-labels-idx1-ubyte: not an idx file"):
        idx(path=path)


def test_values_of_other_types(tmp_path: Path) -> None:
    (tmp_path / "images").write_bytes(idx_bytes(IMAGES.astype(np.int16) - 300))
    (tmp_path / "values").write_bytes(idx_bytes(np.linspace(0, 1, 30)))
    data = idx(path=tmp_path, train_images="images", train_labels="values")
    assert (data.task.name, data.train.inputs.dtype.name) == ("regression", "float32")
    assert data.train.inputs.min() < 0
