"""Weights of classes: against scikit-learn, and lists of a wrong length."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from nas.errors import UsageError
from nas.tasks.class_weights import balanced, one_each


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    targets = np.repeat([0, 1, 2], [70, 25, 5])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=targets)
    weights = balanced([70, 25, 5])
    assert weights == pytest.approx(expected.tolist())
    assert sum(np.array(weights)[targets]) == pytest.approx(100)
    assert balanced([4, 0]) == (0.5, 2.0)


def test_one_for_each_name() -> None:
    assert one_each([1, 2], ["a", "b"], "class") == (1.0, 2.0)
    with pytest.raises(
        UsageError, match=r"^class_weights: expected `balanced` or 2 numbers, one for each class \(a, b"
    ):
        one_each([1], ["a", "b"], "class")
