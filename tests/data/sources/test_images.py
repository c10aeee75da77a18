"""Folders of images."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nas.data import load_data
from nas.data.sources.images import images
from nas.errors import StorageError, UsageError

RNG = np.random.default_rng(0)


def write_images(folder: Path, classes: str = "cat dog", count: int = 10, size: tuple[int, int] = (6, 5)) -> None:
    """Writes a folder of class folders of PNG files, `0.png` and so on."""
    for name in classes.split():
        (folder / name).mkdir(parents=True)
        for place in range(count):
            pixels = RNG.integers(0, 256, (*size, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{place}.png")


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    write_images(tmp_path / "pets")
    data = load_data("auto", path=tmp_path / "pets")
    assert data.notes == ("pets is read as `images`, because it has a folder of images for each class",)
    assert (data.name, data.outputs, data.shape) == ("pets", ("cat", "dog"), (3, 6, 5))
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (12, 4, 4)
    assert data.input.modality == "image"
    stored = {
        np.asarray(Image.open(file)).transpose(2, 0, 1).tobytes(): file.parent.name
        for file in (tmp_path / "pets").rglob("*.png")
    }
    read = {
        image.tobytes(): data.outputs[label]
        for part in (data.train, data.val, data.test)
        for image, label in zip(*part, strict=True)
    }
    assert read == stored
    again = images(path=tmp_path / "pets", classes=["dog", "cat"])
    assert again.outputs == ("dog", "cat")
    assert np.array_equal(again.train.targets, 1 - data.train.targets)


def test_folders_of_parts_and_other_files(tmp_path: Path) -> None:
    for part, count in (("train", 4), ("val", 2), ("test", 3)):
        write_images(tmp_path / part, count=count)
    (tmp_path / "train" / "cat" / "notes.txt").write_text("")
    data = load_data("images", path=tmp_path, size=[3, 4], fit="crop", channels=1)
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test), data.shape) == (8, 4, 6, (1, 3, 4))
    assert len(data.notes) == 2
    assert "1 files in folders of classes" in data.notes[0]
    assert data.notes[1] == (
        "the training images have 6×5 pixels (height × width), and all are scaled and cropped to 3×4"
    )


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none: there is no such folder"):
        images(path=tmp_path / "none")
    write_images(tmp_path / "pets")
    (tmp_path / "pets" / "eel").mkdir()
    with pytest.raises(UsageError, match="eel: the folder of a class has no images"):
        images(path=tmp_path / "pets")
    (tmp_path / "pets" / "eel").rmdir()
    (tmp_path / "pets" / "dog" / "broken.png").write_bytes(b"")
    with pytest.raises(UsageError, match=r"dog/broken\.png: the file is empty"):
        images(path=tmp_path / "pets")
    (tmp_path / "pets" / "dog" / "broken.png").unlink()
    (tmp_path / "pets" / "dog" / "gone.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(StorageError, match=r"dog/gone\.png cannot be read: No such file"):
        images(path=tmp_path / "pets")


def test_a_class_in_the_test_part_alone(tmp_path: Path) -> None:
    write_images(tmp_path / "train")
    write_images(tmp_path / "test", "cat dog eel", 1)
    with pytest.raises(UsageError, match="test labels: sample 2 has the label 'eel', which does not occur in train"):
        images(path=tmp_path)


def test_damaged_images_are_left_out_if_asked(tmp_path: Path) -> None:
    write_images(tmp_path / "pets")
    for name in ("cat/3", "dog/7"):
        file = tmp_path / "pets" / f"{name}.png"
        file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(UsageError, match=r"cat/3\.png: the image is damaged"):
        images(path=tmp_path / "pets")
    data = load_data("images", path=tmp_path / "pets", on_error="skip", skip_share=0.1, test_share=None)
    assert len(data.train) + len(data.val) == 18
    assert data.notes[0].startswith("2 of 20 images cannot be read and are left out: ")
    assert "cat/3.png: the image is damaged" in data.notes[0]
    with pytest.raises(UsageError, match=r"2 of 20 images cannot be read, and skip_share is 0\.05: "):
        load_data("images", path=tmp_path / "pets", on_error="skip", skip_share=0.05)
