"""Folders of images."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nas.data import load_data
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
    again = load_data("images", path=tmp_path / "pets", classes=["dog", "cat"])
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
    assert "1 file in folders of classes is no image" in data.notes[0]
    assert data.notes[1] == (
        "The training images have 6×5 pixels (height × width), and all are scaled and cropped to 3×4"
    )


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none: there is no such file or folder"):
        load_data("images", path=tmp_path / "none")
    write_images(tmp_path / "pets")
    (tmp_path / "pets" / "eel").mkdir()
    with pytest.raises(UsageError, match="eel: the folder of a class has no images"):
        load_data("images", path=tmp_path / "pets")
    (tmp_path / "pets" / "eel").rmdir()
    (tmp_path / "pets" / "dog" / "broken.png").write_bytes(b"")
    with pytest.raises(UsageError, match=r"dog/broken\.png: the file is empty"):
        load_data("images", path=tmp_path / "pets")
    (tmp_path / "pets" / "dog" / "broken.png").unlink()
    (tmp_path / "pets" / "dog" / "gone.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(StorageError, match=r"dog/gone\.png cannot be read: No such file"):
        load_data("images", path=tmp_path / "pets")


def test_a_class_in_the_test_part_alone(tmp_path: Path) -> None:
    write_images(tmp_path / "train")
    write_images(tmp_path / "test", "cat dog eel", 1)
    with pytest.raises(UsageError, match="test labels: sample 2 has the label 'eel', which does not occur in train"):
        load_data("images", path=tmp_path)


def test_damaged_images_are_left_out_if_asked(tmp_path: Path) -> None:
    write_images(tmp_path / "pets")
    for name in ("cat/3", "dog/7"):
        file = tmp_path / "pets" / f"{name}.png"
        file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(UsageError, match=r"cat/3\.png: the image is damaged"):
        load_data("images", path=tmp_path / "pets")
    data = load_data("images", path=tmp_path / "pets", on_error="skip", skip_share=0.1, test_share=None)
    assert len(data.train) + len(data.val) == 18
    assert data.notes[0].startswith("2 of 20 images cannot be read and are left out: ")
    assert "cat/3.png: the image is damaged" in data.notes[0]
    with pytest.raises(UsageError, match=r"2 of 20 images cannot be read, and skip_share is 0\.05: "):
        load_data("images", path=tmp_path / "pets", on_error="skip", skip_share=0.05)


def _listed(folder: Path, rows: str, header: str = "file,label") -> Path:
    table = folder / "list.csv"
    table.write_text("\n".join([header, *rows.split()]) + "\n")
    return table


ROWS = " ".join(f"cat/{place}.png,cat dog/{place}.png,dog" for place in range(10))


def test_a_table_that_lists_images(tmp_path: Path) -> None:
    write_images(tmp_path)
    table = _listed(tmp_path, ROWS)
    data = load_data("auto", path=table)
    assert data.notes[0] == "list.csv is read as `images`, because it lists files of images"
    assert (data.name, data.outputs, len(data.train), data.shape) == ("list", ("cat", "dog"), 12, (3, 6, 5))
    in_folders = load_data("images", path=tmp_path)
    assert sorted(image.tobytes() for image in data.train.inputs) != []
    everything = [
        {image.tobytes() for part in (one.train, one.val, one.test) if part for image in part.inputs}
        for one in (data, in_folders)
    ]
    assert everything[0] == everything[1]


def test_roles_of_the_columns_of_a_table(tmp_path: Path) -> None:
    write_images(tmp_path)
    rows = " ".join(
        f"{place},cat/{place}.png,{place / 3:.3f},{'test' if place > 7 else 'train'},p{place // 2}"
        for place in range(10)
    )
    table = _listed(tmp_path, rows, "number,where,age,part,patient")
    options = {"target": "age", "part": "part", "group": "patient", "ignore": ("number",)}
    data = load_data("images", path=table, path_column="where", val_share=0.25, **options)
    assert data.test is not None
    assert (data.task.name, data.outputs, len(data.test)) == ("regression", ("age",), 2)
    assert data.groups is not None
    assert sorted(np.bincount(data.groups).tolist()) == [2, 2, 2, 2]
    with pytest.raises(UsageError, match="is a folder, whose folders are the classes: it has no columns to name"):
        load_data("images", path=tmp_path, target="age")


@pytest.mark.parametrize("row", ["../secret/a.png,cat", "/etc/a.png,cat", "cat/../../secret/a.png,cat"])
def test_paths_outside_the_folder_are_refused(row: str, tmp_path: Path) -> None:
    write_images(tmp_path / "data")
    write_images(tmp_path / "secret", "a")
    table = _listed(tmp_path / "data", f"{ROWS} {row}")
    with pytest.raises(UsageError, match=r"list\.csv, line 22: the path '.*' leads out of the folder"):
        load_data("images", path=table)


def test_paths_may_be_relative_to_another_folder(tmp_path: Path) -> None:
    write_images(tmp_path / "data")
    (tmp_path / "lists").mkdir()
    table = _listed(tmp_path / "lists", ROWS)
    assert len(load_data("images", path=table, folder=tmp_path / "data").train) == 12
    table.write_text(table.read_text().replace("dog/1.png", f"{tmp_path}/data/dog/1.png"))
    assert len(load_data("images", path=table, folder=tmp_path / "data").train) == 12


def test_a_listed_image_that_is_not_there(tmp_path: Path) -> None:
    write_images(tmp_path)
    table = _listed(tmp_path, f"{ROWS} cat/gone.png,cat")
    with pytest.raises(StorageError, match=r"cat/gone\.png cannot be read: No such file"):
        load_data("images", path=table)
    data = load_data("images", path=table, on_error="skip", skip_share=0.05)
    assert any(note.startswith("1 of 21 images cannot be read") for note in data.notes)


def test_images_can_be_streamed_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    write_images(tmp_path)
    streamed, kept = (load_data("images", path=tmp_path, storage=storage) for storage in ("streamed", "memory"))
    assert np.array_equal(streamed.train.inputs[:], kept.train.inputs)
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    with pytest.raises(UsageError, match=r"pipe\.png: this is not a file"):
        load_data("images", path=tmp_path)
