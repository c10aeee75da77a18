"""NumPy archives, in every state that a file can be in."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data import load_data
from nas.data.sources.npz import npz
from nas.errors import IntegrityError, StorageError, UsageError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (20, 1, 4, 5)).astype(np.uint8)
LABELS = np.arange(20) % 2
TRAIN = {"train_inputs": IMAGES, "train_labels": LABELS}


def _saved(folder: Path, **arrays: Any) -> Path:
    path = folder / "some_images.npz"
    np.savez_compressed(path, **arrays)
    return path


def test_npz_with_all_parts(tmp_path: Path) -> None:
    arrays = {
        **TRAIN,
        "val_inputs": IMAGES[:6],
        "val_labels": LABELS[:6],
        "test_inputs": IMAGES[6:9],
        "test_labels": LABELS[6:9],
    }
    data = load_data("npz", path=_saved(tmp_path, **arrays), classes=["cat", "dog"])
    assert data.test is not None
    assert (data.name, data.outputs) == ("some_images", ("cat", "dog"))
    assert (len(data.train), len(data.val), len(data.test)) == (20, 6, 3)
    assert data.train.inputs.dtype == np.uint8
    assert np.array_equal(data.train.inputs, IMAGES)
    assert np.array_equal(data.test.inputs, IMAGES[6:9])
    assert np.array_equal(data.val.targets, LABELS[:6])


def test_npz_with_a_training_part_only(tmp_path: Path) -> None:
    path = _saved(tmp_path, **TRAIN)
    data = npz(path=path, val_share=0.3)
    assert (len(data.train), len(data.val), data.test) == (14, 6, None)
    assert data.fingerprint == npz(path=path, val_share=0.3).fingerprint
    assert data.fingerprint != npz(path=path, val_share=0.3, split_seed=1).fingerprint
    assert data.fingerprint == load_data("npz", path=str(path), val_share=0.3).fingerprint


def test_npz_with_groups(tmp_path: Path) -> None:
    groups = np.arange(20) // 2
    path = _saved(tmp_path, **TRAIN, train_groups=groups, speakers=groups.astype(str))
    data = npz(path=path)
    assert data.groups is not None
    assert (len(data.train), len(data.val)) == (16, 4)
    assert not set(data.groups[:16]) & set(data.groups[16:])
    assert npz(path=path, train_groups="speakers").fingerprint == data.fingerprint
    whole = _saved(tmp_path, **TRAIN, val_inputs=IMAGES, val_labels=LABELS, train_groups=groups, val_groups=groups + 5)
    data = npz(path=whole)
    assert data.groups is not None
    assert data.groups.tolist() == [*groups, *(groups + 5)]
    with pytest.raises(UsageError, match=r"there is no array 'speaker'; it has train_inputs, train_labels, val_inputs"):
        npz(path=whole, train_groups="speaker")


def test_npz_with_other_keys(tmp_path: Path) -> None:
    path = _saved(tmp_path, x=IMAGES, y=LABELS, x2=IMAGES[:4], y2=LABELS[:4], more=np.zeros(3))
    data = npz(path=path, train_inputs="x", train_labels="y", val_inputs="x2", val_labels="y2")
    assert (len(data.train), len(data.val)) == (20, 4)


@pytest.mark.parametrize(
    ("shape", "channels", "expected"),
    [
        ((20, 4, 5), "first", (1, 4, 5)),
        ((20, 3, 4, 5), "first", (3, 4, 5)),
        ((20, 4, 5, 3), "last", (3, 4, 5)),
        ((20, 7, 2), "last", (2, 7)),
        ((20, 6), "first", (6,)),
        ((20, 6), "last", (6,)),
    ],
)
def test_npz_axes(tmp_path: Path, shape: tuple[int, ...], channels: Any, expected: tuple[int, ...]) -> None:
    inputs = RNG.normal(size=shape).astype(np.float32)
    arrays = {"train_inputs": inputs, "train_labels": LABELS, "val_inputs": inputs[:4], "val_labels": LABELS[:4]}
    data = npz(path=_saved(tmp_path, **arrays), channels=channels)
    assert data.shape == data.val.inputs.shape[1:] == expected
    assert data.train.inputs.flags.c_contiguous
    last = channels == "last" and len(shape) > 2
    back = np.moveaxis(data.train.inputs, 1, -1) if last else data.train.inputs.reshape(shape)
    assert np.array_equal(back, inputs)


@pytest.mark.parametrize(
    ("shape", "channels", "expected"),
    [
        ((20, 2, 7), "first", (2, 7)),
        ((20, 1, 7), "first", (1, 7)),
        ((20, 7, 2), "last", (2, 7)),
        ((20, 6), "first", (6,)),
        ((20, 3, 4, 5), "first", (3, 4, 5)),
    ],
)
def test_npz_of_sequences(tmp_path: Path, shape: tuple[int, ...], channels: Any, expected: tuple[int, ...]) -> None:
    inputs = RNG.normal(size=shape).astype(np.float32)
    arrays = {"train_inputs": inputs, "train_labels": LABELS, "val_inputs": inputs[:4], "val_labels": LABELS[:4]}
    data = npz(path=_saved(tmp_path, **arrays), channels=channels, sequences=True)
    assert data.shape == data.val.inputs.shape[1:] == expected
    assert np.array_equal(data.train.inputs, np.moveaxis(inputs, -1, 1) if channels == "last" else inputs)


def test_npz_of_token_numbers(tmp_path: Path) -> None:
    tokens = RNG.integers(0, 30_000, (20, 6))
    data = npz(path=_saved(tmp_path, train_inputs=tokens, train_labels=LABELS, val_inputs=tokens, val_labels=LABELS))
    assert data.shape == (6,)
    assert np.array_equal(data.train.inputs, tokens)


def test_npz_without_a_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(UsageError, match="there is no such file") as caught:
            npz(path=path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": IMAGES}, "there is no array 'train_inputs'; it has x"),
        ({}, "there is no array 'train_inputs'; it has none"),
        ({"train_inputs": IMAGES}, "there is no array 'train_labels'; it has train_inputs"),
        ({**TRAIN, "val_inputs": IMAGES}, "there is no array 'val_labels'; it has train_inputs, "),
        ({**TRAIN, "test_labels": LABELS}, "there is no array 'test_inputs'; it has train_inputs, "),
        ({**TRAIN, "train_labels": LABELS[:3]}, "train labels: expected one per sample, shape (20,), got (3,)"),
        ({**TRAIN, "train_inputs": np.zeros(20)}, "train inputs: expected (N, F), (N, C, L) or (N, C, H, W), got"),
    ],
)
def test_npz_without_the_right_arrays(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        npz(path=_saved(tmp_path, **arrays))
    assert message in str(caught.value)


@pytest.mark.parametrize("part", ["val", "test"])
def test_npz_without_a_key_that_was_named(tmp_path: Path, part: str) -> None:
    path = _saved(tmp_path, **TRAIN, held_out_inputs=IMAGES, held_out_labels=LABELS)
    named = {f"{part}_inputs": "heldout_inputs", f"{part}_labels": "heldout_labels"}
    with pytest.raises(UsageError, match=r"there is no array 'heldout_inputs'; it has .*, held_out_inputs, "):
        load_data("npz", path=path, **named)


def test_npz_with_labels_of_any_kind(tmp_path: Path) -> None:
    arrays = {"train_inputs": IMAGES, "val_inputs": IMAGES}
    texts = np.array(["dog", "cat"])[LABELS]
    data = npz(path=_saved(tmp_path, **arrays, train_labels=texts, val_labels=texts))
    assert (data.outputs, data.val.targets.tolist()) == (("cat", "dog"), (1 - LABELS).tolist())
    data = npz(path=_saved(tmp_path, **arrays, train_labels=texts, val_labels=texts), classes=["dog", "cat"])
    assert (data.outputs, data.val.targets.tolist()) == (("dog", "cat"), LABELS.tolist())
    data = npz(path=_saved(tmp_path, **arrays, train_labels=5 * LABELS - 1, val_labels=5 * LABELS - 1))
    assert (data.outputs, data.val.targets.tolist()) == (("-1", "4"), LABELS.tolist())


class _Bomb:
    """Would make a folder if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.mkdir, (self.path,)


def test_npz_is_never_unpickled(tmp_path: Path) -> None:
    made = tmp_path / "made"
    objects = np.empty(20, dtype=object)
    objects[:] = [_Bomb(made)] * 20
    archives: list[dict[str, Any]] = [{**TRAIN, "train_labels": objects}, {**TRAIN, "train_inputs": objects}]
    for arrays in archives:
        path = tmp_path / "bomb.npz"
        np.savez(path, **arrays)
        with pytest.raises(IntegrityError, match=r"bomb\.npz: .* holds Python objects, which are never unpickled"):
            npz(path=path)
    # A file that is a pickle as a whole, under the name of an archive.
    np.save(tmp_path / "bomb.npy", objects)
    shutil.move(tmp_path / "bomb.npy", path)
    with pytest.raises(IntegrityError, match="not a NumPy archive of plain arrays"):
        npz(path=path)
    assert not made.exists()


def test_npz_that_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    for content in (b"", b"no archive", b"PK\x03\x04", b"\x80\x04N.", bytes(1000)):
        path.write_bytes(content)
        with pytest.raises(IntegrityError, match=r"broken\.npz: not a NumPy archive of plain arrays"):
            npz(path=path)
    with path.open("wb") as file:
        np.save(file, IMAGES)
    with pytest.raises(IntegrityError, match=r"not a NumPy archive of plain arrays \(a single array\)"):
        npz(path=path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("train_inputs", b"text")
        archive.writestr("train_labels", b"text")
    with pytest.raises(IntegrityError, match=r"not a NumPy archive of plain arrays \('train_inputs' is not an array\)"):
        npz(path=path)


def test_npz_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _saved(tmp_path, **TRAIN)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # By a fake, since a test that runs as root may read everything.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(StorageError, match=r"some_images\.npz cannot be read: Permission denied"):
        npz(path=path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_that_is_damaged_anywhere(tmp_path: Path, save: Any) -> None:
    """A flipped bit is an error of ours or does no harm to the values, and never anything else."""
    path = tmp_path / "damaged.npz"
    save(path, **TRAIN)
    data, good = path.read_bytes(), npz(path=path).fingerprint
    refused = 0
    for place in range(0, len(data), 3):
        for damaged in (data[:place], bytes((*data[:place], data[place] ^ 1 << place % 8, *data[place + 1 :]))):
            path.write_bytes(damaged)
            try:
                assert npz(path=path).fingerprint == good
            except (UsageError, StorageError, IntegrityError):
                refused += 1
    assert refused > len(data) / 3
