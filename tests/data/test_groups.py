"""Groups of samples."""

from typing import Any

import numpy as np
import pytest

from nas.data import from_arrays
from nas.data.groups import read_groups
from nas.errors import UsageError


def test_groups_are_numbered_over_both_parts() -> None:
    found = read_groups(["b", "a", "b"], np.array(["c", "a"], dtype=object), 3, 2)
    assert found is not None
    assert found.dtype == np.int64
    assert found.tolist() == [1, 0, 1, 2, 0]
    alone = read_groups(np.array([7, 7, 3], np.uint8), None, 3, None)
    assert alone is not None
    assert alone.tolist() == [1, 1, 0]
    assert read_groups(None, None, 3, 2) is None


@pytest.mark.parametrize(
    ("train", "val", "val_samples", "message"),
    [
        (None, [1, 2], 2, "val_groups: the training samples have no groups"),
        ([1, 2, 3], None, 2, "val_groups: expected the groups of the validation samples, as the training samples have"),
        ([1, 2, 3], [1, 2], None, "val_groups: there are no validation samples"),
        ([1, 2], None, None, r"train groups: expected one for each of the 3 samples, got shape \(2,\)"),
        ([1, 2, 3], [[1], [2]], 2, r"val groups: expected one for each of the 2 samples, got shape \(2, 1\)"),
        ([1.5, 2, 3], None, None, "train groups: expected integers or strings, got float64"),
        ([1, 2, 3], ["a", "b"], 2, "val groups: expected int64, as in train, got <U1"),
    ],
)
def test_groups_that_are_none(train: Any, val: Any, val_samples: int | None, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        read_groups(train, val, 3, val_samples)


def test_a_validation_part_is_split_off_by_groups() -> None:
    groups = np.random.default_rng(0).integers(0, 25, 200)
    inputs = np.arange(200.0)[:, None]
    data = from_arrays(inputs, np.arange(200) % 4, groups=groups, val_share=0.2, seed=3)
    assert data.groups is not None
    held = groups[data.val.inputs[:, 0].astype(int)]
    kept = groups[data.train.inputs[:, 0].astype(int)]
    assert len(set(held)) == 5
    assert not set(held) & set(kept)
    numbers = {group: place for place, group in enumerate(np.unique(groups))}
    assert data.groups.tolist() == [numbers[group] for group in [*kept, *held]]


def test_groups_are_part_of_the_fingerprint() -> None:
    inputs, labels = np.arange(8.0)[:, None], np.arange(8) % 2
    marks = {
        from_arrays(inputs, labels, val=(inputs, labels), groups=groups, val_groups=groups).fingerprint
        for groups in (None, np.arange(8), np.arange(8) // 4)
    }
    assert len(marks) == 3


def test_splits_that_groups_forbid() -> None:
    inputs, labels = np.arange(8.0)[:, None], np.arange(8) % 2
    with pytest.raises(
        UsageError, match=r"^val_share: 8 samples cannot be split by 0.2: expected two or more groups, go"
    ):
        from_arrays(inputs, labels, groups=np.zeros(8, int))
    with pytest.raises(UsageError, match=r"^val_share: .*: no training sample would remain of '[01]'$"):
        from_arrays(inputs, labels, groups=labels)
