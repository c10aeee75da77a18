"""Data sets: their moments, and what a fingerprint depends on."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from nas.data import Dataset, Samples, from_arrays
from nas.data.origin import Origin
from nas.data.preparation.arrays import Arrays
from nas.data.reading.form import FileForm
from nas.tasks import Classification


def _small(**changes: Any) -> Dataset:
    """12 images of 1×2×2 in three parts."""
    rng = np.random.default_rng(1)
    images, labels = rng.integers(0, 256, (12, 1, 2, 2)).astype(np.uint8), np.arange(12) % 2
    parts: dict[str, Any] = {
        "inputs": images[:6],
        "targets": labels[:6],
        "val": (images[6:9], labels[6:9]),
        "test": (images[9:], labels[9:]),
        "classes": ("cat", "dog"),
    }
    return from_arrays(**parts | changes)


def test_moments_are_those_of_the_training_part_by_channel() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (50, 3, 4, 5)).astype(np.uint8)
    images[:, 2] = 7
    labels = np.arange(50) % 2
    data = from_arrays(images, labels, val=(255 - images, labels))
    assert data.shape == (3, 4, 5)
    assert data.mean.shape == data.std.shape == (3, 1, 1)
    assert data.mean.dtype == data.std.dtype == np.float32
    flat = images.transpose(1, 0, 2, 3).reshape(3, -1).astype(np.float64)
    np.testing.assert_allclose(data.mean[:, 0, 0], flat.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(data.std[:2, 0, 0], flat[:2].std(axis=1), rtol=1e-6)
    assert data.std[2, 0, 0] == 1, "a channel that never changes must not be divided by 0"


@pytest.mark.parametrize(("shape", "expected"), [((5,), (5,)), ((2, 7), (2, 1)), ((2, 3, 4), (2, 1, 1))])
def test_moments_of_each_rank(shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    inputs, labels = np.random.default_rng(0).normal(size=(6, *shape)), np.arange(6) % 2
    data = from_arrays(inputs, labels, val=(inputs, labels))
    assert data.shape == shape
    assert data.mean.shape == data.std.shape == expected


def test_fingerprint_depends_on_every_value() -> None:
    data = _small()
    assert data.test is not None
    parts = {"train": data.train, "val": data.val, "test": data.test}
    found = {data.fingerprint}
    changed = 0
    for part, samples in parts.items():
        for place, array in enumerate(samples):
            for index in np.ndindex(array.shape):
                arrays = [samples.inputs.copy(), samples.targets.copy()]
                arrays[place][index] ^= 1
                other = replace(data, **{part: Samples(*arrays)})  # type: ignore[arg-type]
                found.add(other.fingerprint)
                changed += 1
    assert changed == 12 * 4 + 12
    assert len(found) == 1 + changed


def test_fingerprint_depends_on_all_else_that_matters_and_on_nothing_more() -> None:
    data = _small()
    same = [_small(), _small(name="other")]
    assert {other.fingerprint for other in same} == {data.fingerprint}
    assert len(data.fingerprint) == 64
    ab = Classification(("a", "b"))
    different = [
        _small(classes=("dog", "cat")),
        _small(test=None),
        _small(val=_small().test, test=_small().val),
        Dataset("arrays", data.train, data.val, data.test, Classification(("catdog", ""))),
        Dataset(
            "arrays",
            Samples(data.train.inputs.reshape(6, 1, 4, 1), data.train.targets),
            data.val,
            None,
            ab,
        ),
        Dataset(
            "arrays",
            Samples(data.train.inputs.view(np.int8), data.train.targets),
            data.val,
            None,
            ab,
        ),
        Dataset("arrays", data.train, data.val, None, ab),
    ]
    assert len({data.fingerprint, *(other.fingerprint for other in different)}) == 1 + len(different)


COUNTED: Mapping[str, Any] = {
    "train": lambda data: data.val,
    "val": lambda data: data.train,
    "test": lambda data: None,
    "task": lambda data: Classification(("cat", "eel")),
    "groups": lambda data: np.arange(9),
    "preparation": lambda data: Arrays("image", (1, 2, 2), "uint8"),
    "times": lambda data: np.arange(9.0),
}
"""What networks and folds follow from: other values of the fields of a data set."""

NOT_COUNTED: Mapping[str, Any] = {
    "name": lambda data: "other",
    "raws": lambda data: {"train": np.zeros((9, 2))},  # what is made of it counts, and how
    "notes": lambda data: ("a note",),
    "origins": lambda data: {"train": Origin("line", np.arange(6))},
    "files": lambda data: FileForm(text="words"),
}
"""What is told of samples, or leads to them."""


def test_each_field_counts_in_the_fingerprint_or_not() -> None:
    data = _small()
    assert {*COUNTED, *NOT_COUNTED} == {one.name for one in fields(Dataset)}
    changed = {name: replace(data, **{name: make(data)}).fingerprint for name, make in COUNTED.items()}
    assert len({data.fingerprint, *changed.values()}) == 1 + len(COUNTED)
    for name, make in NOT_COUNTED.items():
        assert replace(data, **{name: make(data)}).fingerprint == data.fingerprint


@pytest.mark.parametrize("field", ["groups", "times"])
@pytest.mark.parametrize("seed", range(3))
def test_what_divides_samples_into_folds_tells_data_sets_apart(field: str, seed: int) -> None:
    """In each order, as the same numbers or as points in time."""
    values = np.random.default_rng(seed).permutation(9)
    orders = [np.roll(values, places) for places in range(9)]
    if field == "times":
        orders += [order.astype("datetime64[us]") for order in orders]
    found = {replace(_small(), **{field: order}).fingerprint for order in orders}  # type: ignore[arg-type]
    assert len(found) == len(orders)


def test_fingerprint_is_golden() -> None:
    # Finished runs know their data by this value: when it changes, no study of before can be resumed. Change it only
    # together with an entry in the changelog.
    data = from_arrays(np.arange(8.0).reshape(4, 2), [0, 1, 0, 1], val=(np.zeros((2, 2)), [1, 0]))
    assert data.fingerprint == "4dcc1a183758483792a7e6a6ff9d4602a302b8262a6917a0ca34a9d39613e92a"
