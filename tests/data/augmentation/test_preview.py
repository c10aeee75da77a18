"""Augmented samples to look at."""

import numpy as np
import pytest

from nas.data import Augment, load_data
from nas.data.augmentation.preview import augmented_samples
from nas.errors import UsageError


def test_samples_as_trainings_see_them() -> None:
    digits = load_data("digits")
    rows = [3, 1, 4]
    assert np.array_equal(augmented_samples(digits, Augment(), rows)[0], digits.train.inputs[rows])
    moved = augmented_samples(digits, Augment(shift=1), rows, copies=5)
    assert moved.shape == (5, 3, 1, 8, 8)
    assert moved.dtype == digits.train.inputs.dtype
    assert len({copy.tobytes() for copy in moved}) == 5
    assert np.array_equal(moved, augmented_samples(digits, Augment(shift=1), rows, copies=5))
    assert not np.array_equal(moved, augmented_samples(digits, Augment(shift=1), rows, copies=5, seed=1))
    bright = augmented_samples(digits, Augment(brightness=1.0, mixup=1.0), rows, copies=5)
    assert bright.dtype == np.float32
    assert bright.max() <= digits.train.inputs.max()


def test_what_does_not_suit_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^augment\.swap: for tables, but the data are images$"):
        augmented_samples(load_data("digits"), Augment(swap=0.1), [0])
