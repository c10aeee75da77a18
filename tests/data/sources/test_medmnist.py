"""Archives with the arrays of MedMNIST."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data import load_data
from nas.data.sources.medmnist import medmnist
from nas.errors import IntegrityError, UsageError

RNG = np.random.default_rng(0)


def _saved(folder: Path, channels: tuple[int, ...] = (), labels: int = 1, **others: Any) -> Path:
    arrays: dict[str, Any] = {}
    for part, count in (("train", 20), ("val", 6), ("test", 8)):
        arrays[f"{part}_images"] = RNG.integers(0, 256, (count, 5, 4, *channels), dtype=np.uint8)
        numbers = np.arange(count * labels).reshape(count, labels) % 2
        arrays[f"{part}_labels"] = numbers.astype(np.uint8)
    path = folder / "somemnist.npz"
    np.savez(path, **{key: value for key, value in (arrays | others).items() if value is not None})
    return path


@pytest.mark.parametrize(("channels", "shape"), [((), (1, 5, 4)), ((3,), (3, 5, 4))])
def test_official_archives(channels: tuple[int, ...], shape: tuple[int, ...], tmp_path: Path) -> None:
    path = _saved(tmp_path, channels)
    data = load_data("auto", path=path, classes=["normal", "ill"])
    assert data.notes == (
        "somemnist.npz is read as `medmnist`, because it is a NumPy archive with train_images and train_labels",
    )
    assert data.test is not None
    assert (data.name, data.shape, data.outputs) == ("somemnist", shape, ("normal", "ill"))
    assert (len(data.train), len(data.val), len(data.test)) == (20, 6, 8)
    stored = np.load(path)["train_images"]
    assert np.array_equal(data.train.inputs, stored[:, None] if not channels else stored.transpose(0, 3, 1, 2))
    assert data.train.inputs.flags.c_contiguous
    assert data.train.targets.tolist() == [0, 1] * 10


def test_several_labels(tmp_path: Path) -> None:
    labels = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0], [1, 1, 1]] * 5)
    path = _saved(tmp_path, train_labels=labels, val_labels=labels[:6], test_labels=labels[:8])
    data = medmnist(path=path, classes=["mass", "edema", "hernia"])
    assert (data.task.name, data.outputs) == ("multilabel", ("mass", "edema", "hernia"))
    assert np.array_equal(data.train.targets, labels)


def test_archives_without_a_validation_part(tmp_path: Path) -> None:
    path = _saved(tmp_path, val_images=None, val_labels=None, train_labels=np.arange(20) % 2)
    assert len(medmnist(path=path, val_share=0.25).val) == 5


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"train_images": None}, "there is no array 'train_images'; it has train_labels, "),
        ({"test_labels": None}, "there is no array 'test_labels'; it has train_images, "),
        ({"train_images": np.zeros((20, 5, 4))}, "expected uint8 of shape (N, H, W) or (N, H, W, 3), got float64"),
        ({"train_images": np.zeros((20, 5, 4, 6), np.uint8)}, "got uint8 (20, 5, 4, 6); volumes are not read"),
    ],
)
def test_archives_of_something_else(arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = _saved(tmp_path, **arrays)
    with pytest.raises(UsageError) as caught:
        medmnist(path=path)
    assert message in str(caught.value)


def test_files_that_are_no_archives(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.npz: there is no such file"):
        medmnist(path=tmp_path / "none.npz")
    path = tmp_path / "some.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(IntegrityError, match="not a NumPy archive"):
        load_data("auto", path=path)  # which `npz` takes, since only the name is left to go by
