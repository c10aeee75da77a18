"""Data sets from arrays: what is refused and in which words, and what becomes of the arrays."""

from typing import Any

import numpy as np
import pytest

from nas.data import from_arrays
from nas.errors import UsageError

IMAGES = np.zeros((4, 1, 2, 2))
LABELS = np.array([0, 1, 0, 1])
HOLE = np.where(np.arange(16).reshape(4, 1, 2, 2) == 9, np.nan, 0.0)

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "one axis": ({"inputs": np.zeros(4)}, "train inputs: expected (N, F), (N, C, L) or (N, C, H, W), got shape (4,)"),
    "five axes": ({"inputs": np.zeros((4, 1, 1, 1, 1))}, "got shape (4, 1, 1, 1, 1)"),
    "ragged": ({"inputs": [[1, 2], [3]], "targets": [0, 1]}, "train inputs: expected an array, got a list of 2: "),
    "too few labels": ({"targets": [0, 1]}, "train labels: expected one per sample, shape (4,), got (2,)"),
    "labels in a column": (
        {"targets": LABELS[:, None]},
        "train labels: expected one per sample, shape (4,), got (4, 1)",
    ),
    "nothing": ({"inputs": np.zeros((0, 3)), "targets": []}, "train: there are no samples"),
    "empty samples": ({"inputs": np.zeros((4, 0))}, "train inputs: samples of shape (0,) have no values"),
    "text": ({"inputs": np.full((4, 2), "a")}, "train inputs: expected numbers, got <U1"),
    "objects": ({"inputs": np.full((4, 2), None)}, "train inputs: expected numbers, got object"),
    "complex": ({"inputs": np.zeros((4, 2), complex)}, "train inputs: expected numbers, got complex128"),
    "dates": ({"inputs": np.zeros((4, 2), "datetime64[s]")}, "train inputs: expected numbers, got datetime64[s]"),
    "nan": ({"inputs": HOLE}, "train inputs: sample 2 has a value that is not finite (1 have)"),
    "infinite": ({"inputs": np.full((4, 2), np.inf)}, "train inputs: sample 0 has a value that is not finite (4 have)"),
    "too large": ({"inputs": np.full((4, 2), 1e300)}, "train inputs: sample 0 has a value that is not finite (4 have)"),
    "durations": ({"inputs": np.zeros((4, 2), "timedelta64[s]")}, "train inputs: expected numbers, got timedelta64[s]"),
    "float labels": (
        {"targets": [0.0, 1.0, 0.0, 1.0]},
        "train labels: expected integers, booleans or strings, got float",
    ),
    "val": ({"val": (IMAGES, [0, 1])}, "val labels: expected one per sample, shape (4,), got (2,)"),
    "test": ({"test": (HOLE, LABELS)}, "test inputs: sample 2 has a value that is not finite (1 have)"),
    "shapes": (
        {"val": (np.zeros((4, 1, 2, 3)), LABELS)},
        "data set 'arrays': samples differ in shape: (1, 2, 2) in train, (1, 2, 3) in val",
    ),
    "types": (
        {"test": (IMAGES.astype(np.uint8), LABELS), "name": "mixed"},
        "data set 'mixed': samples differ in type: float32 in train, uint8 in test",
    ),
    "one class": (
        {"targets": [0] * 4, "val": (IMAGES, [0] * 4)},
        "expected at least 2 classes, got 1; the labels of train are 0",
    ),
    "few names": ({"classes": ["a"]}, "expected at least 2 classes, got 1; the labels of train are 0, 1"),
    "label without a name": (
        {"test": (IMAGES, [0, 1, 2, 0]), "classes": ["a", "b"]},
        "test labels: sample 2 has the label 2, which does not occur in train; its labels are 0, 1",
    ),
    "share": ({"val": None, "val_share": 2.0}, "val_share: expected less than 1, got 2.0"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_data_set_is_refused_and_the_message_says_where(name: str) -> None:
    changes, message = BAD[name]
    arguments: dict[str, Any] = {"inputs": IMAGES, "targets": LABELS, "val": (IMAGES, LABELS), **changes}
    with pytest.raises(UsageError) as caught:
        from_arrays(**arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i8", "f2", "f4", ">f4", "f8"])
def test_numbers_become_float32_and_bytes_stay(dtype: str) -> None:
    data = from_arrays(IMAGES.astype(dtype), LABELS, val=(IMAGES.astype(dtype), LABELS))
    assert data.train.inputs.dtype == data.val.inputs.dtype == np.float32
    kept = from_arrays(IMAGES.astype(np.uint8), LABELS.astype(np.int8), val=(IMAGES.astype(np.uint8), LABELS))
    assert kept.train.inputs.dtype == kept.val.inputs.dtype == np.uint8
    assert kept.train.targets.dtype == np.int64


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_data_set_does_not_change_with_the_arrays_it_was_made_of(dtype: type[np.generic]) -> None:
    mine, labels = IMAGES.astype(dtype), LABELS.astype(np.int64)
    data = from_arrays(mine, labels, val=(mine, labels))
    mine[:], labels[:] = 1, 0
    assert not data.train.inputs.any()
    assert data.train.targets.tolist() == [0, 1, 0, 1]


def test_val_is_split_off_where_it_is_not_given() -> None:
    inputs, labels = np.arange(100.0)[:, None], np.arange(100) % 4
    data = from_arrays(inputs, labels, val_share=0.3, seed=1)
    assert (len(data.train), len(data.val), data.test) == (70, 30, None)
    assert sorted([*data.train.inputs[:, 0], *data.val.inputs[:, 0]]) == list(range(100))
    again = from_arrays(inputs, labels, val_share=0.3, seed=1)
    other = from_arrays(inputs, labels, val_share=0.3, seed=2)
    assert data.fingerprint == again.fingerprint != other.fingerprint


def test_names_of_classes() -> None:
    assert from_arrays(IMAGES, [0, 1, 3, 1], val=(IMAGES, LABELS)).outputs == ("0", "1", "3")
    assert from_arrays(IMAGES, LABELS, val=(IMAGES, LABELS), classes=("cat", "dog")).outputs == ("cat", "dog")


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "i8", "u4"])
@pytest.mark.parametrize("shape", [(9,), (2, 9)], ids=["tokens or a table", "sequence"])
def test_integers_of_any_type_are_kept_exactly(dtype: str, shape: tuple[int, ...]) -> None:
    # float32 holds each integer up to 2**24, which is as many tokens as an embedding may have.
    most = min(np.iinfo(dtype).max, 2**24)
    inputs = np.random.default_rng(0).integers(most - 200, most, (6, *shape), endpoint=True).astype(dtype)
    data = from_arrays(inputs, LABELS[[0, 1, 0, 1, 0, 1]], val=(inputs, np.arange(6) % 2))
    assert data.shape == shape
    assert np.array_equal(data.train.inputs.astype(np.int64), inputs.astype(np.int64))
